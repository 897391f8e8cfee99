// What happens to words when the connection does not last: nothing is lost, nothing is stored twice.
import { after, before, test } from './lib/test.mjs';
import assert from 'node:assert/strict';
import { launch } from './lib/browser.mjs';
import { conversation, desk, signIn } from './lib/console.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function oneChat(t) {
  const one = await desk(t, browser);
  const chat = one.mock.arrive({ name: 'María' });
  one.mock.assign(chat, 1);
  const box = one.page.getByRole('textbox', { name: 'Reply to María' });
  await box.waitFor();
  return { ...one, chat, box };
}

const mine = (mock, chat) => mock.messagesOf(chat).filter(m => m.kind === 'agent').map(m => m.text);

test('an answer that is lost with the connection: the message is sent again and stored once', async t => {
  const { mock, page, chat, box } = await oneChat(t);
  mock.swallow.add('write');
  await box.fill('Hola María');
  await box.press('Enter');
  await mock.frame(f => f.do === 'write');
  mock.cut();
  await page.getByText('Stored').waitFor({ state: 'attached' });
  assert.deepEqual(mine(mock, chat), ['Hola María']);
  assert.equal(await page.getByRole('log').getByText('Hola María').count(), 1);
});

test('what is written while offline is sent in order after the connection is back', async t => {
  const { mock, page, chat, box } = await oneChat(t);
  mock.down = true;
  await page.getByText('No connection. You can go on writing').first().waitFor();
  for (const text of ['uno', 'dos', 'tres']) {
    await box.fill(text);
    await box.press('Enter');
  }
  await box.fill('a draft');
  assert.equal(await page.getByRole('log').getByText('Sent when the connection is back').count(), 3);
  assert.ok(await page.getByRole('button', { name: 'Close chat' }).isDisabled());
  mock.down = false;
  await page.getByText('Stored').nth(2).waitFor({ state: 'attached' });
  assert.deepEqual(mine(mock, chat), ['uno', 'dos', 'tres']);
  assert.equal(await box.inputValue(), 'a draft');
  assert.equal(await page.getByRole('log').getByText('Sent when the connection is back').count(), 0);
});

test('a full disk is told for what it is, and the words come through once there is space', async t => {
  const { mock, page, chat, box } = await oneChat(t);
  mock.why = 'disk_full';
  mock.down = true;
  const alert = page.getByRole('alert').filter({ hasText: 'disk is full' });
  await alert.waitFor();
  await box.fill('kept');
  await box.press('Enter');
  mock.why = 'ready';
  mock.down = false;
  await page.getByText('Stored').waitFor({ state: 'attached' });
  await alert.waitFor({ state: 'detached' });
  assert.deepEqual(mine(mock, chat), ['kept']);
});

test('a reload while offline keeps drafts and unsent messages', async t => {
  const { mock, page, chat, box } = await oneChat(t);
  await box.fill('for later');
  await page.getByRole('button', { name: 'Internal note' }).click();
  await page.getByRole('textbox', { name: 'Internal note' }).fill('a note in the making');
  mock.down = true;
  await page.getByText('No connection. You can go on writing').first().waitFor();
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await box.press('Enter');
  await box.fill('and this too');
  mock.down = false;
  mock.swallow.add('write');
  await mock.frame(f => f.do === 'write');
  await page.reload();
  await page.getByText('Stored').waitFor({ state: 'attached' });
  assert.deepEqual(mine(mock, chat), ['for later']);
  assert.equal(await box.inputValue(), 'and this too');
  await page.getByRole('button', { name: 'Internal note' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Internal note' }).inputValue(), 'a note in the making');
});

test('messages missed while away are fetched, with notes of colleagues', async t => {
  const { mock, page, chat } = await oneChat(t);
  mock.say(chat, 'one');
  await page.getByRole('log').getByText('one').waitFor();
  mock.down = true;
  await page.getByText('No connection. You can go on writing').first().waitFor();
  mock.say(chat, 'two');
  mock.say(chat, 'three');
  mock.note(chat, 1, 'seen by all');
  mock.down = false;
  await page.getByRole('log').getByText('three').waitFor();
  assert.deepEqual(await page.getByRole('log').locator('.theirs .bubble').allTextContents(), ['one', 'two', 'three']);
  await page.getByRole('log').locator('.note').getByText('seen by all').waitFor();
});

test('a server that recovers is asked again with the same key', async t => {
  const { mock, page, chat, box } = await oneChat(t);
  mock.failOnce.set('write', 'retry');
  await box.fill('Hola');
  await box.press('Enter');
  await page.getByText('Stored').waitFor({ state: 'attached' });
  assert.deepEqual(mine(mock, chat), ['Hola']);
  const keys = mock.frames.filter(f => f.do === 'write').map(f => f.key);
  assert.equal(keys.length, 2);
  assert.equal(new Set(keys).size, 1);
});

for (const keyed of [true, false]) test(`a note whose answer is lost is stored once, ${keyed ? 'by its key' : 'also when the server keeps no keys'}`, async t => {
  const { mock, page, chat } = await oneChat(t);
  mock.noteKeys = keyed;
  await page.getByRole('button', { name: 'Internal note' }).click();
  mock.swallow.add('note');
  await page.getByRole('textbox', { name: 'Internal note' }).fill('once');
  await page.keyboard.press('Enter');
  await mock.frame(f => f.do === 'note');
  mock.cut();
  const hello = mock.frames.length;
  await mock.frame(f => f.do === 'history' && mock.frames.indexOf(f) >= hello);
  await page.getByText('Sending').waitFor({ state: 'detached' });
  assert.equal(mock.chats.get(chat).notes.length, 1);
  assert.equal(await page.getByRole('log').locator('.note').count(), 1);
});

test('a chat that went back to the queue meanwhile is shown as gone, with what was typed', async t => {
  const { mock, page, chat, box } = await oneChat(t);
  await box.fill('too late');
  mock.down = true;
  await page.getByText('No connection. You can go on writing').first().waitFor();
  Object.assign(mock.chats.get(chat), { owner: null, participants: [], phase: { kind: 'waiting' }, returned: true });
  mock.down = false;
  await conversation(page, 'María').getByText('Went back to the queue').waitFor();
  await conversation(page, 'María').getByText('too late').waitFor();
});

test('a session that ran out keeps the draft for the same person', async t => {
  const { mock, page, box } = await oneChat(t);
  await box.fill('kept for me');
  await page.context().clearCookies();
  mock.cut();
  await page.getByText('Your session is over.').waitFor();
  await signIn(page);
  await box.waitFor();
  assert.equal(await box.inputValue(), 'kept for me');
  await page.context().clearCookies();
  mock.cut();
  await page.getByText('Your session is over.').waitFor();
  await signIn(page, 'bruno');
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  assert.equal(await page.evaluate(() => Object.values(sessionStorage).some(v => v.includes('kept for me'))), false);
});

test('the waits between attempts double from half a second to half a minute, each with its share of chance', async t => {
  const { mock, page } = await desk(t, browser);
  await page.evaluate(() => {
    const real = window.setTimeout.bind(window);
    /** @type {any} */ (window).waits = [];
    // The waits are written down and run a hundred times faster.
    /** @type {any} */ (window).setTimeout = (run, wait, ...more) => {
      /** @type {any} */ (window).waits.push(wait);
      return real(run, wait / 100, ...more);
    };
  });
  mock.down = true;
  await page.waitForFunction(() => /** @type {any} */ (window).waits.length >= 10);
  const waits = await page.evaluate(() => /** @type {any} */ (window).waits.slice(0, 10));
  waits.forEach((wait, n) => {
    const ceiling = Math.min(30_000, 500 * 2 ** n);
    assert.ok(wait >= ceiling / 2 && wait <= ceiling, `wait ${n} is ${wait}, expected ${ceiling / 2} to ${ceiling}`);
  });
  assert.ok(new Set(waits.map(wait => wait / 2 ** Math.floor(Math.log2(wait)))).size > 5, String(waits));
  mock.down = false;
  await page.getByRole('button', { name: /^Your state/, disabled: false }).waitFor();
});
