// The administrator's page of webhooks against the real server and a program that takes, refuses and checks what it is sent.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from './lib/test.mjs';
import { axe, launch } from './lib/browser.mjs';
import { command, staffPage } from './lib/console.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Loopback is no address of the public internet, so the operator has to allow it. */
const flags = ['--webhook-networks', '127.0.0.0/8'];

/** A program of the host's, which answers `status` and keeps what it took. */
async function receiver(t) {
  const taken = [];
  const program = { taken, status: 200 };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (program.status === 200) taken.push({ headers: request.headers, body });
    response.writeHead(program.status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  program.url = `http://127.0.0.1:${server.address().port}/webchat`;
  return program;
}

/** Whether a delivery is signed with the secret, as docs/webhooks.md says. */
function signed({ headers, body }, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const right = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
  return headers['webhook-signature'] === `v1,${right}`;
}

test('a webhook is made, shows its secret once, is tried, changed and deleted', async (t) => {
  const server = await Server.demo(t, flags);
  const program = await receiver(t);
  const page = await staffPage(t, browser, server, 'campaigns', { login: 'admin' });
  await command(page, 'webhooks');
  await page.getByText('Nobody is told yet').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const making = page.getByRole('dialog', { name: 'New webhook' });
  await making.getByLabel('Address').fill('https://10.0.0.1/hook');
  await page.keyboard.press('Enter');
  await making.getByText('outside our own network').waitFor();
  assert.ok(await making.getByLabel('Address').evaluate((field) => field === document.activeElement), 'the keyboard is where it does not fit');
  await making.getByLabel('Address').fill(program.url);
  await making.getByRole('button', { name: 'only these' }).click();
  await making.getByRole('button', { name: 'Save' }).click();
  await making.getByText('Choose at least one').waitFor();
  await making.getByLabel('chat_closed').check();
  assert.deepEqual(await axe(page), [], 'making one');
  await making.getByRole('button', { name: 'Save' }).click();
  const shown = page.getByRole('dialog', { name: 'Secret' });
  const secret = await shown.getByLabel('Secret', { exact: true }).inputValue();
  assert.match(secret, /^whsec_/);
  assert.deepEqual(await axe(page), [], 'the secret');
  await shown.getByRole('button', { name: 'I have it' }).click();
  const row = page.getByRole('row', { name: program.url });
  await row.getByText('Nothing outstanding').waitFor();
  await row.getByText('never').waitFor();
  await row.getByText('chat_closed').waitFor();
  assert.ok(!(await page.locator('body').innerText()).includes('whsec_'), 'a secret is shown once');

  await row.getByRole('button', { name: /^Test/ }).click();
  await page.locator('.notice').getByText('The test event was taken').waitFor();
  await row.getByText('Taken').waitFor();
  assert.equal(program.taken.length, 1);
  assert.equal(JSON.parse(program.taken[0].body).type, 'test');
  assert.ok(signed(program.taken[0], secret), 'it is signed with what was shown');
  program.status = 503;
  await row.getByRole('button', { name: /^Test/ }).click();
  await page.locator('.notice').getByText('It was not taken: status 503').waitFor();
  await row.getByText('Failed').waitFor();
  program.status = 200;
  await server.stop();
  await server.start();
  await page.reload();
  await row.getByText('Failed').waitFor();

  await row.getByRole('button', { name: /^Edit/ }).click();
  const editing = page.getByRole('dialog', { name: 'Edit webhook' });
  await editing.getByRole('button', { name: 'New secret' }).click();
  await editing.getByRole('button', { name: 'The old one becomes void' }).click();
  const second = await shown.getByLabel('Secret', { exact: true }).inputValue();
  assert.notEqual(second, secret);
  await shown.getByRole('button', { name: 'I have it' }).click();
  await row.getByRole('button', { name: /^Edit/ }).click();
  await editing.getByText('Send', { exact: true }).click();
  await editing.getByRole('button', { name: 'Save' }).click();
  await row.getByText('Off').waitFor();
  await row.getByRole('button', { name: /^Edit/ }).click();
  await editing.getByRole('button', { name: 'Delete' }).click();
  await editing.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('Nobody is told yet').waitFor();
});

/** Six refusals take a quarter of an hour, so what they would leave is written down while the server is down. */
async function bury(server, webhook, frames) {
  await server.stop();
  const script = `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
for frame in range(1, 1 + int(sys.argv[3])):
    base.execute("INSERT INTO dead_letters (webhook, frame, event, kind, at, error) VALUES (?, ?, 0, 'agent_created', ?, 'status 400')", (int(sys.argv[2]), frame, int(sys.argv[4])))
base.commit()`;
  const written = spawnSync(process.env.PYTHON ?? '/usr/bin/python3', ['-c', script, join(server.folder, 'journal.db'), `${webhook}`, `${frames}`, `${Date.now()}`]);
  assert.equal(written.status, 0, String(written.stderr));
  await server.start();
}

test('what a program refused for good is listed, sent again and forgotten', async (t) => {
  const server = await Server.demo(t, flags);
  const program = await receiver(t);
  program.status = 400;
  const admin = await server.signIn('admin');
  const { webhook } = await admin('POST', '/webhooks', { url: program.url, events: ['recordings_expired'] });
  await bury(server, webhook, 3);
  for (const colorScheme of ['light', 'dark']) {
    const page = await staffPage(t, browser, server, 'webhooks', { login: 'admin', colorScheme });
    await page.getByRole('button', { name: /refused for good/ }).waitFor();
    assert.deepEqual(await axe(page), [], colorScheme);
    await page.getByRole('button', { name: /refused for good/ }).click();
    await page.getByRole('dialog').getByText('status 400').first().waitFor();
    assert.deepEqual(await axe(page), [], `dead letters in ${colorScheme}`);
    if (colorScheme === 'light') continue;
    const dialog = page.getByRole('dialog');
    const rows = dialog.locator('tbody tr');
    await rows.nth(2).waitFor();
    await dialog.getByRole('button', { name: 'Forget event 1-0' }).click();
    await rows.nth(2).waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Send all now' }).click();
    await page.locator('.notice').getByText('It was not taken: status 400').waitFor();
    program.status = 200;
    await dialog.getByRole('button', { name: 'Send all now' }).click();
    await dialog.getByText('Nothing is left here.').waitFor();
    assert.deepEqual(program.taken.map(({ headers }) => headers['webhook-id']), ['evt_1_2_0', 'evt_1_3_0']);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('row', { name: program.url }).getByText('Nothing outstanding').waitFor();
  }
});
