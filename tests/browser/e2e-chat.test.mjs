// The whole path: a visitor's browser, the server, its journal on disk, an agent's browser, and back.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { agentAtDesk, ask, visitorInShop } from './lib/people.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What an agent's page shows of the conversation, oldest first. */
const sentences = (page) => page.getByRole('log').locator('.bubble').allTextContents();

test('a visitor chats in Spanish with an agent, who closes, and leaves a score', async (t) => {
  const server = await Server.demo(t);
  const agent = await agentAtDesk(t, browser, server, 'ana');
  const visitor = await visitorInShop(t, browser, server);
  await ask(visitor, 'Lucía');
  await visitor.field.waitFor();
  const reply = agent.getByRole('textbox', { name: 'Reply to Lucía' });
  await reply.waitFor();

  await visitor.write('Hola, ¿tienen el 42?');
  await agent.getByText('Hola, ¿tienen el 42?').last().waitFor();
  await reply.fill('Sí, en negro y en marrón 👢');
  await reply.press('Enter');
  await visitor.page.getByText('Sí, en negro y en marrón 👢').last().waitFor();
  await visitor.page.getByText('Ana').first().waitFor();

  await agent.getByRole('button', { name: /^Close/ }).first().click();
  await agent.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
  await visitor.page.locator('.star').nth(4).click();
  await visitor.page.locator('.closing textarea').fill('Muy amable');
  await visitor.page.locator('.closing .main').click();
  await visitor.page.getByText('Gracias').first().waitFor();
  assert.deepEqual(visitor.problems, []);
});

test('the server is killed in mid-chat: both pages come back to the same chat, every message once, in order', async (t) => {
  const server = await Server.demo(t);
  const agent = await agentAtDesk(t, browser, server, 'ana');
  const visitor = await visitorInShop(t, browser, server);
  await ask(visitor, 'Lucía');
  const reply = agent.getByRole('textbox', { name: 'Reply to Lucía' });
  await reply.waitFor();
  for (const n of [1, 2, 3]) {
    await visitor.write(`visitor ${n}`);
    await agent.getByText(`visitor ${n}`).last().waitFor();
    await reply.fill(`agent ${n}`);
    await reply.press('Enter');
    await visitor.page.getByText(`agent ${n}`).last().waitFor();
  }

  await server.kill();
  // Written while nobody listens: kept by both pages and sent when the server is back.
  await visitor.write('visitor 4');
  await reply.fill('agent 4');
  await reply.press('Enter');
  await server.start();

  await agent.getByText('visitor 4').last().waitFor();
  await visitor.page.getByText('agent 4').last().waitFor();
  const words = (all) => all.filter((text) => /^(visitor|agent) \d$/.test(text));
  const seen = words(await visitor.page.locator('.item p').allTextContents());
  const settled = ['visitor 1', 'agent 1', 'visitor 2', 'agent 2', 'visitor 3', 'agent 3'];
  assert.deepEqual(seen.slice(0, 6), settled);
  assert.deepEqual(seen.slice(6).sort(), ['agent 4', 'visitor 4']);
  assert.deepEqual(words(await sentences(agent)), seen, 'both sides show the same');
});

test('the third visitor of a full queue is told so in their language', async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  const limits = { max_chats: 2, time_out: 0, when_empty: 'admit', not_available: { pt: 'Fila cheia', es: 'Cola llena' } };
  await admin('PUT', '/campaigns/1', { ...settings, ...limits });
  for (const name of ['Um', 'Dois']) {
    const waiting = await visitorInShop(t, browser, server, { language: 'pt' });
    await ask(waiting, name);
    await waiting.field.waitFor();
  }
  const third = await visitorInShop(t, browser, server, { language: 'pt' });
  await ask(third, 'Três');
  await third.page.getByText('Fila cheia').first().waitFor();
});
