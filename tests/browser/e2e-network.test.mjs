// The real server over a network that fails: each message once, in order, on both sides.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { agentAtDesk, ask, visitorInShop } from './lib/people.mjs';
import { Network } from './lib/proxy.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

async function together(t, server) {
  const network = await Network.before(t, server.port);
  const agent = await agentAtDesk(t, browser, server, 'ana');
  const visitor = await visitorInShop(t, browser, server, { url: network.url });
  await ask(visitor, 'Eva');
  const reply = agent.getByRole('textbox', { name: 'Reply to Eva' });
  await reply.waitFor();
  const says = async (text) => {
    await reply.fill(text);
    await reply.press('Enter');
  };
  const heard = (text) => agent.getByRole('log').locator('.bubble', { hasText: text }).waitFor();
  return { network, agent, visitor, says, heard };
}

/** Nothing is on its way any more. */
const settled = (visitor, count) => visitor.until((count) => {
  const root = document.querySelector('webchat-window').shadowRoot;
  return root.querySelectorAll('.item.visitor').length === count && !root.querySelector('.sending, .failed');
}, count);

const said = (all) => all.map((text) => text.trim()).filter((text) => /^(visitor|agent) \d/.test(text));
const shown = async (visitor) => said(await visitor.page.locator('.item p').allTextContents());
const desk = async (agent) => said(await agent.getByRole('log').locator('.bubble').allTextContents());

test('the socket is cut, answers are lost after the commit, the server is killed: each message once, in order', { timeout: 240_000 }, async (t) => {
  const server = await Server.demo(t);
  const { network, agent, visitor, says, heard } = await together(t, server);
  await visitor.write('visitor 1');
  await heard('visitor 1');
  await says('agent 1');
  await visitor.page.locator('.item.agent', { hasText: 'agent 1' }).waitFor();

  // The answer is lost after the commit: the agent has the message, the visitor cannot know.
  network.deaf = true;
  await visitor.write('visitor 2');
  await heard('visitor 2');
  assert.equal(await visitor.page.locator('.sending').count(), 1);
  network.cut();
  network.deaf = false;
  await settled(visitor, 2);

  // Written while there is no network.
  network.down = true;
  network.cut();
  await visitor.page.locator('.window > p.header').waitFor();
  for (const n of [3, 4, 5]) await visitor.write(`visitor ${n}`);
  await says('agent 2');
  network.down = false;
  await settled(visitor, 5);
  await heard('visitor 5');

  // Three in a row, cut after each.
  for (const n of [6, 7, 8]) {
    await visitor.write(`visitor ${n}`);
    network.cut();
  }
  await settled(visitor, 8);

  // The server dies with messages of both sides under way.
  await server.kill();
  await visitor.write('visitor 9');
  await says('agent 3');
  await server.start();
  await heard('visitor 9');
  await visitor.page.locator('.item.agent', { hasText: 'agent 3' }).waitFor();
  await settled(visitor, 9);

  const seen = await shown(visitor);
  const of = (who) => seen.filter((text) => text.startsWith(who));
  assert.deepEqual(of('visitor'), [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `visitor ${n}`));
  assert.deepEqual(of('agent'), ['agent 1', 'agent 2', 'agent 3']);
  assert.deepEqual(await desk(agent), seen, 'both sides show the same');
  await visitor.page.reload();
  await settled(visitor, 9);
  assert.deepEqual(await shown(visitor), seen, 'also after a reload');
  assert.deepEqual(visitor.problems, []);
});

test('a file goes both ways, and one whose answer is lost is there once', { timeout: 240_000 }, async (t) => {
  const server = await Server.demo(t);
  const { network, agent, visitor } = await together(t, server);
  const chooser = visitor.page.locator('.row input[type=file]');
  await chooser.waitFor({ state: 'attached' });
  await chooser.setInputFiles({ name: 'mis botas.png', mimeType: 'image/png', buffer: PNG });
  const link = agent.getByRole('link', { name: /mis botas\.png/ });
  await link.waitFor();
  const [download] = await Promise.all([agent.waitForEvent('download'), link.click()]);
  assert.equal(download.suggestedFilename(), 'mis botas.png');

  network.deaf = true;
  await chooser.setInputFiles({ name: 'dos.png', mimeType: 'image/png', buffer: PNG });
  await agent.getByRole('link', { name: /dos\.png/ }).waitFor();
  network.cut();
  network.deaf = false;
  await settled(visitor, 2);
  assert.equal(await agent.getByRole('link', { name: /dos\.png/ }).count(), 1);
  assert.equal((await readdir(join(server.folder, 'files'))).length, 2, 'the repeat left nothing behind');

  await agent.locator('.composer input[type=file]').setInputFiles({ name: 'precios.txt', mimeType: 'text/plain', buffer: Buffer.from('42: 99 €\n') });
  const file = visitor.page.locator('.item.agent .file', { hasText: 'precios.txt' });
  await file.waitFor();
  const [saved] = await Promise.all([visitor.page.waitForEvent('download'), file.click()]);
  assert.equal(saved.suggestedFilename(), 'precios.txt');

  // What is not allowed is refused in words, by the server too.
  await visitor.page.evaluate(() => {
    const input = document.querySelector('webchat-window').shadowRoot.querySelector('.row input[type=file]');
    input.removeAttribute('accept');
  });
  await chooser.setInputFiles({ name: 'foto.png', mimeType: 'image/png', buffer: Buffer.from('<html><script>alert(1)</script>') });
  await visitor.page.locator('.item.failed small', { hasText: 'Este tipo de archivo no se admite' }).waitFor();
  await chooser.setInputFiles({ name: 'enorme.png', mimeType: 'image/png', buffer: Buffer.alloc(6 * 1024 * 1024) });
  await visitor.page.locator('.item.failed small', { hasText: 'El archivo supera 5 MB' }).waitFor();
  assert.equal((await readdir(join(server.folder, 'files'))).length, 3);

  // What was acknowledged outlives the server.
  await server.kill();
  await server.start();
  const [again] = await Promise.all([agent.waitForEvent('download'), link.click()]);
  assert.deepEqual(await readFile(await again.path()), PNG);
  assert.deepEqual(visitor.problems, []);
});
