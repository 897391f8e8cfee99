// An agent's work at the desk: offers, conversations, notes, handing on, closing, by mouse and by keyboard alone.
import { after, before, test } from './lib/test.mjs';
import assert from 'node:assert/strict';
import { launch } from './lib/browser.mjs';
import { command, conversation, desk } from './lib/console.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const sentences = page => page.getByRole('log').locator('.bubble').allTextContents();

test('an offer counts down, is accepted, and the keyboard is in the conversation', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María', messages: ['Hola'] });
  mock.offer(chat, 1, { seconds: 30 });
  const offer = page.getByRole('article', { name: 'Offer: María' });
  await offer.waitFor();
  await offer.getByText('0:2').waitFor();
  assert.match(await page.title(), /^\(1\) /);
  await offer.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('textbox', { name: 'Reply to María' }).waitFor();
  await page.keyboard.type('Buenas tardes');
  await page.keyboard.press('Enter');
  await page.getByText('Stored').waitFor({ state: 'attached' });
  assert.deepEqual(await sentences(page), ['Hola', 'Buenas tardes']);
  assert.deepEqual(mock.messagesOf(chat).map(m => m.text), ['Hola', 'Ana Ferreira joined the chat', 'Buenas tardes']);
  assert.equal(await offer.count(), 0);
});

test('a refused offer goes away, a lapsed one says so', async t => {
  const { mock, page } = await desk(t, browser);
  const first = mock.arrive({ name: 'María' });
  mock.offer(first, 1);
  await page.getByRole('button', { name: 'Refuse' }).click();
  await mock.frame(f => f.do === 'refuse' && f.chat === first);
  await page.getByRole('article').waitFor({ state: 'detached' });
  mock.offer(first, 1);
  await page.getByRole('article').waitFor();
  mock.lapse(first);
  await page.getByText('The offer of María lapsed').first().waitFor();
  assert.equal(await page.getByRole('article').count(), 0);
});

test('the waiting list shows who waits against the service level, and one is taken', async t => {
  const { mock, page } = await desk(t, browser);
  const now = Date.now();
  const late = mock.arrive({ name: 'Lucía', at: now - 45_000 });
  mock.arrive({ name: 'Pedro', at: now - 16_000 });
  mock.arrive({ name: null, at: now });
  const rows = page.locator('.wait-row');
  await rows.nth(2).waitFor();
  assert.match(await rows.nth(0).innerText(), /over the limit of 0:20/);
  assert.match(await rows.nth(1).innerText(), /close to the limit of 0:20/);
  assert.match(await rows.nth(2).innerText(), /Visitor/);
  assert.doesNotMatch(await rows.nth(2).innerText(), /limit/);
  await page.getByRole('button', { name: 'Take Lucía' }).click();
  await page.getByRole('textbox', { name: 'Reply to Lucía' }).waitFor();
  assert.equal(mock.chats.get(late).owner, 1);
  assert.equal(await rows.count(), 2);
});

test('someone else was quicker: the refusal is worded', async t => {
  const { mock, page } = await desk(t, browser);
  mock.arrive({ name: 'Lucía' });
  mock.failOnce.set('take', 'already_taken');
  await page.getByRole('button', { name: 'Take Lucía' }).click();
  await page.locator('.notice').getByText('Another agent has taken it').waitFor();
});

test('each campaign says whether it sends chats, and why not', async t => {
  const { mock, page } = await desk(t, browser);
  await page.getByText('You get chats · 0 of 3').waitFor();
  await page.getByText('Take any you can · 0 of 3').waitFor();
  mock.setWhyNot(1, 'no_voice_campaign');
  await page.getByText('No chats: you are in no voice campaign').waitFor();
  mock.setWhyNot(1, 'some_new_code');
  await page.getByText('No chats (some_new_code)').waitFor();
});

test('the state is switched: paused with a reason, on a call, available', async t => {
  const { mock, page } = await desk(t, browser);
  const state = page.getByRole('button', { name: /^Your state/ });
  await state.click();
  await page.getByRole('menuitemradio', { name: 'Lunch' }).click();
  await page.getByRole('button', { name: 'Your state: Paused · Lunch' }).waitFor();
  await page.getByRole('heading', { name: 'You are paused' }).waitFor();
  await page.getByRole('button', { name: 'Become available' }).click();
  await page.getByRole('button', { name: 'Your state: Available' }).waitFor();
  await state.click();
  await page.getByRole('menuitemcheckbox', { name: 'On a call' }).click();
  await page.getByRole('button', { name: 'Your state: On a call' }).waitFor();
  await command(page, 'pause break');
  await page.getByRole('button', { name: 'Your state: Paused · Break' }).waitFor();
  await state.click();
  await page.getByRole('menuitemradio', { name: 'Other reason' }).click();
  await page.keyboard.type('Fire drill');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Your state: Paused · Fire drill' }).waitFor();
  assert.deepEqual(mock.frames.filter(f => f.do === 'pause').map(f => f.reason), ['lunch', 'break', 'Fire drill']);
});

test('unread messages are counted on the chat, the tab and the title until they are looked at', async t => {
  const { mock, page } = await desk(t, browser);
  const [maria, joao] = ['María', 'João'].map(name => mock.arrive({ name }));
  mock.assign(maria, 1);
  mock.assign(joao, 1);
  await conversation(page, 'María').waitFor();
  mock.say(joao, 'Olá');
  mock.say(joao, 'Tem alguém?');
  const row = page.locator('.chat-row').filter({ hasText: 'João' });
  await row.getByText('2 unread').waitFor({ state: 'attached' });
  assert.match(await page.title(), /^\(2\) /);
  assert.equal(mock.frames.some(f => f.do === 'seen' && f.chat === joao && f.read), false);
  await row.click();
  await mock.frame(f => f.do === 'seen' && f.chat === joao && f.read === 3);
  await row.getByText('2 unread').waitFor({ state: 'detached' });
  assert.equal(await page.title(), 'Desk · Webchat');
  await page.reload();
  await row.waitFor();
  await page.getByText('Tem alguém?').first().waitFor();
  assert.equal(await row.locator('.count').count(), 0);
});

test('typing and read marks travel both ways', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  const box = page.getByRole('textbox', { name: 'Reply to María' });
  await box.fill('Un momento');
  await mock.frame(f => f.do === 'typing' && f.on === true);
  await box.press('Enter');
  await mock.frame(f => f.do === 'typing' && f.on === false);
  const bubble = conversation(page, 'María').getByRole('listitem').filter({ hasText: 'Un momento' });
  await bubble.getByText('Stored').waitFor({ state: 'attached' });
  mock.visitorSees(chat, 2, 0);
  await bubble.getByText('Delivered').waitFor({ state: 'attached' });
  mock.visitorSees(chat, 2, 2);
  await bubble.getByText('Read').waitFor({ state: 'attached' });
  mock.visitorTypes(chat, true);
  await page.getByText('María is typing').waitFor();
  mock.say(chat, 'Dale');
  await page.getByText('María is typing').waitFor({ state: 'detached' });
});

test('messages are numbered, and automatic, system and internal ones cannot be taken for replies', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María', messages: ['<b>Hola</b> & adiós\nsegunda línea'] });
  mock.assign(chat, 1, { automatic: 'Hola, soy Ana.' });
  const log = page.getByRole('log');
  await log.getByText('Hola, soy Ana.').waitFor();
  assert.deepEqual(await sentences(page), ['<b>Hola</b> & adiós\nsegunda línea', 'Hola, soy Ana.']);
  assert.deepEqual(await log.locator('.number .hidden').allTextContents(), ['Message 1', 'Message 2', 'Message 3']);
  await log.locator('.automatic').getByText('Automatic').waitFor();
  await page.getByRole('button', { name: 'Internal note' }).click();
  await page.getByRole('textbox', { name: 'Internal note' }).fill('Prefers the phone');
  await page.keyboard.press('Enter');
  const note = log.locator('.note');
  await note.getByText('Internal note').waitFor();
  await note.getByText('the visitor never sees it').waitFor();
  assert.deepEqual(mock.chats.get(chat).notes.map(n => n.text), ['Prefers the phone']);
  assert.equal(mock.messagesOf(chat).some(m => m.text === 'Prefers the phone'), false);
  assert.equal(await note.count(), 1);
});

test('a message that is too long stays in the box and says how much', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  const box = page.getByRole('textbox', { name: 'Reply to María' });
  await box.fill('é'.repeat(4001));
  await page.getByText('4001 of 4000 characters').waitFor();
  await box.press('Enter');
  assert.equal(mock.frames.some(f => f.do === 'write'), false);
  await box.fill('é'.repeat(4000));
  await box.press('Enter');
  await mock.frame(f => f.do === 'write' && f.text.length === 4000);
});

test('what the server refuses is shown at the message and can be edited', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  mock.failOnce.set('write', 'invalid_field');
  const box = page.getByRole('textbox', { name: 'Reply to María' });
  await box.fill('Primera');
  await box.press('Enter');
  await page.getByText('Not sent: Something in it is not valid').waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await box.inputValue(), 'Primera');
  await box.press('Enter');
  await page.getByText('Stored').waitFor({ state: 'attached' });
  assert.equal(await page.getByText('Not sent').count(), 0);
});

test('a chat is handed to a colleague, who is shown until they answer', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  await conversation(page, 'María').getByRole('button', { name: 'Transfer' }).click();
  await page.keyboard.type('bru');
  await page.keyboard.press('Enter');
  await page.getByText('Asked Bruno Silva. The chat stays yours until it is accepted.').waitFor();
  await page.getByRole('button', { name: 'Cancel transfer' }).click();
  await page.getByText('Asked Bruno Silva.').waitFor({ state: 'detached' });
  await command(page, 'transfer');
  await page.getByRole('button', { name: 'Campaign' }).click();
  await page.getByRole('radio', { name: 'Support' }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Transfer' }).click();
  await page.getByText('Asked Support.').waitFor();
  mock.acceptTransfer(chat, 2);
  await conversation(page, 'María').getByText('Handed on to someone else').waitFor();
  assert.equal(await page.getByRole('textbox').count(), 0);
});

test('an incoming transfer asks like an offer and says from whom', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María', messages: ['Hola'] });
  mock.assign(chat, 2);
  const one = mock.chats.get(chat);
  one.phase = { kind: 'transferring', to: { agent: 1 }, lapses_at: Date.now() + 30_000 };
  mock.cut();
  const offer = page.getByRole('article', { name: 'Offer: María' });
  await offer.getByText('from Bruno Silva').waitFor();
  await offer.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('textbox', { name: 'Reply to María' }).waitFor();
  await page.getByRole('log').getByText('Hola').waitFor();
});

test('closing asks first, warns of unsent text, and the next chat comes to the front', async t => {
  const { mock, page } = await desk(t, browser);
  const [maria, joao] = ['María', 'João'].map(name => mock.arrive({ name }));
  mock.assign(maria, 1);
  mock.assign(joao, 1);
  await page.getByRole('textbox', { name: 'Reply to María' }).fill('half a');
  await page.getByRole('button', { name: 'Close chat' }).click();
  const dialog = page.getByRole('dialog', { name: 'Close the chat with María?' });
  await dialog.getByText('There is text here that was not sent.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(mock.chats.has(maria));
  await page.getByRole('button', { name: 'Close chat' }).click();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Reply to João' }).waitFor();
  await page.getByRole('heading', { name: 'Ended' }).waitFor();
  await page.locator('.chat-row').filter({ hasText: 'María' }).getByText('Closed by the agent').waitFor();
});

test('a campaign that wants a disposition gets one with the close', async t => {
  const { mock, page } = await desk(t, browser);
  Object.assign(mock.campaigns[0], { dispositions: [['Sale', 'Card'], ['No interest']], disposition_required: true });
  mock.setWhyNot(1, null);
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  await page.getByRole('button', { name: 'Close chat' }).click();
  const dialog = page.getByRole('dialog', { name: 'Close the chat with María?' });
  await dialog.getByRole('button', { name: 'Close chat' }).click();
  assert.ok(await dialog.getByLabel('Disposition').evaluate(select => select === document.activeElement));
  assert.equal(mock.frames.some(f => f.do === 'close'), false);
  await dialog.getByLabel('Disposition').selectOption('Sale › Card');
  await dialog.getByRole('button', { name: 'Close chat' }).click();
  const { disposition } = await mock.frame(f => f.do === 'close' && f.chat === chat);
  assert.deepEqual(disposition, ['Sale', 'Card']);
});

test('chats stand side by side, each with its own draft', async t => {
  const { mock, page } = await desk(t, browser);
  const chats = ['María', 'João', 'Emily'].map(name => mock.arrive({ name }));
  for (const chat of chats) mock.assign(chat, 1);
  await page.getByRole('button', { name: 'Side by side' }).click();
  await page.getByRole('textbox', { name: 'Reply to María' }).fill('uno');
  await page.getByRole('textbox', { name: 'Reply to Emily' }).fill('three');
  await page.getByRole('textbox', { name: 'Reply to Emily' }).press('Enter');
  await page.getByRole('button', { name: 'One at a time' }).click();
  await page.locator('.chat-row').filter({ hasText: 'María' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Reply to María' }).inputValue(), 'uno');
  assert.deepEqual(mock.messagesOf(chats[2]).map(m => m.text).at(-1), 'three');
});

test('a visitor who is gone and a chat over its time are told by icon and word', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María', at: Date.now() - 700_000 });
  mock.assign(chat, 1, { since: Date.now() - 650_000 });
  const head = conversation(page, 'María');
  await head.getByText('In the chat, over the limit of 10:00').first().waitFor({ state: 'attached' });
  mock.visitorConnection(chat, false);
  await head.getByText('Disconnected').waitFor();
  mock.end(chat, 'visitor_gone');
  await head.getByText('The visitor did not come back').waitFor();
});

test('the pane of facts shows the visitor and follows only safe addresses', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María', email: 'maria@correo.example', extra: '+598 99 1', language: 'es-UY', page: 'javascript:alert(1)' });
  mock.assign(chat, 1);
  const facts = page.getByRole('complementary', { name: 'Visitor' });
  await facts.getByText('maria@correo.example').waitFor();
  await facts.getByText('+598 99 1').waitFor();
  await facts.getByText('Spanish (Uruguay)').waitFor();
  assert.equal(await facts.locator('a[href^="javascript"]').count(), 0);
  await facts.getByText('javascript:alert(1)').waitFor();
});

test('the palette finds without accents, moves with arrows and leaves with Escape', async t => {
  const { mock, page } = await desk(t, browser);
  mock.arrive({ name: 'Sofía Núñez' });
  await page.getByRole('button', { name: 'Take Sofía Núñez' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('take sofia nunez');
  assert.equal(await page.getByRole('option').count(), 1);
  await page.keyboard.press('Escape');
  await page.getByRole('combobox').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.keyboard.press('ArrowDown');
  const active = await page.getByRole('combobox').getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`[id="${active}"]`).getAttribute('aria-selected'), 'true');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Reply to Sofía Núñez' }).waitFor();
});

test("an agent's day by keyboard alone: accept, answer, note, transfer, close", async t => {
  const { mock, page } = await desk(t, browser);
  const first = mock.arrive({ name: 'João', messages: ['Bom dia'] });
  mock.offer(first, 1);
  await page.getByRole('article').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Reply to João' }).waitFor();
  await page.keyboard.type('Bom dia, João');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('em que posso ajudar?');
  await page.keyboard.press('Enter');
  await mock.frame(f => f.do === 'write' && f.text === 'Bom dia, João\nem que posso ajudar?');
  await command(page, 'write a note');
  await page.getByRole('textbox', { name: 'Internal note' }).waitFor();
  await page.keyboard.type('calls back at five');
  await page.keyboard.press('Enter');
  await mock.frame(f => f.do === 'note' && f.text === 'calls back at five');
  await command(page, 'transfer');
  await page.getByRole('dialog', { name: 'Transfer João' }).waitFor();
  await page.keyboard.type('bruno');
  await page.keyboard.press('Enter');
  await mock.frame(f => f.do === 'transfer' && f.agent === 2);
  await page.getByText('Asked Bruno Silva.').first().waitFor();
  mock.acceptTransfer(first, 2);
  await page.getByText('Handed on to someone else').first().waitFor();
  const second = mock.arrive({ name: 'Emily' });
  mock.assign(second, 1);
  await page.getByRole('region', { name: 'Chat with Emily' }).waitFor();
  await command(page, 'close emily');
  await page.getByRole('dialog', { name: 'Close the chat with Emily?' }).waitFor();
  await page.keyboard.press('Enter');
  await mock.frame(f => f.do === 'close' && f.chat === second);
  await page.locator('.chat-row').filter({ hasText: 'Emily' }).getByText('Closed by the agent').waitFor();
});

test('skip links lead to the lists and the conversation', async t => {
  const { page } = await desk(t, browser);
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to my chats');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'mine-title');
});

test('new messages and offers are spoken', async t => {
  const { mock, page } = await desk(t, browser);
  const [maria, joao] = ['María', 'João'].map(name => mock.arrive({ name }));
  mock.assign(maria, 1);
  mock.assign(joao, 1);
  await conversation(page, 'María').waitFor();
  mock.say(joao, 'Olá');
  await page.locator('[aria-live=polite]').getByText('New message from João').waitFor({ state: 'attached' });
  const asked = mock.arrive({ name: 'Emily' });
  mock.offer(asked, 1);
  await page.locator('[aria-live=assertive]').getByText('Emily is asked of you, campaign Sales').waitFor({ state: 'attached' });
});

test('a desktop notification is shown while the agent looks elsewhere', async t => {
  const { mock, page } = await desk(t, browser);
  await page.context().grantPermissions(['notifications']);
  await page.evaluate(() => {
    const shown = [];
    /** @type {any} */ (window).shown = shown;
    /** @type {any} */ (window).Notification = class {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(title, options) {
        shown.push(`${title}: ${options.body}`);
      }
    };
    document.hasFocus = () => false;
  });
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Desktop notifications' }).click();
  await page.locator('[role=menuitemcheckbox][aria-checked=true]', { hasText: 'Desktop' }).waitFor();
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  mock.say(chat, '¿Hola?');
  mock.offer(mock.arrive({ name: 'João' }), 1);
  await page.waitForFunction(() => /** @type {any} */ (window).shown.length > 2);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).shown), ['A chat for you: María · Sales', 'María: ¿Hola?', 'A chat for you: João · Sales']);
});

/** Whether what `selector` finds has the keyboard when it is first painted, after `act` made it appear. */
async function keyboardAt(page, selector, act) {
  // It has to be watched for before anything is done, or it may appear unseen.
  await page.evaluate(wanted => {
    /** @type {any} */ (globalThis).seen = new Promise(resolve => {
      const look = () => {
        if (!document.querySelector(wanted)) return;
        watch.disconnect();
        requestAnimationFrame(() => resolve(document.activeElement?.matches(wanted) ? wanted : document.activeElement?.outerHTML.slice(0, 120)));
      };
      const watch = new MutationObserver(look);
      watch.observe(document, { subtree: true, childList: true, attributes: true });
    });
  }, selector);
  await act();
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).seen), selector);
}

test('what appears has the keyboard before it is painted', async t => {
  const { mock, page } = await desk(t, browser);
  const [maria, joao] = ['María', 'João'].map(name => mock.arrive({ name }));
  mock.offer(maria, 1);
  await page.getByRole('article').waitFor();
  await keyboardAt(page, '.palette-input', () => page.keyboard.press('Control+k'));
  await keyboardAt(page, '.composer textarea', () => page.keyboard.press('Enter'));
  await page.getByRole('textbox', { name: 'Reply to María' }).waitFor();
  mock.assign(joao, 1);
  await page.locator('.chat-row').filter({ hasText: 'João' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('note about maria');
  await keyboardAt(page, '.composer.is-note textarea', () => page.keyboard.press('Enter'));
  await command(page, 'close');
  await page.getByRole('dialog', { name: 'Close the chat with María?' }).waitFor();
  await keyboardAt(page, '[aria-label="Chat with João"] textarea', () => page.keyboard.press('Enter'));
  const state = page.getByRole('button', { name: /^Your state/ });
  await keyboardAt(page, '[role=menuitemradio][aria-checked=true]', () => state.click());
  await page.keyboard.press('Escape');
  assert.ok(await state.evaluate(button => button === document.activeElement));
  await command(page, 'close');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'mine-title');
});

test('a quick typist on a slow machine: every key goes where it belongs', async t => {
  const { mock, page } = await desk(t, browser);
  const chat = mock.arrive({ name: 'María' });
  mock.assign(chat, 1);
  await page.getByRole('textbox', { name: 'Reply to María' }).waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 10 });
  const KEYS = { Enter: ['\r', 13], k: ['k', 75] };
  // Sent in one go, none waits for what the one before did.
  const keys = (...pressed) => Promise.all(pressed.flatMap(part => {
    const one = (key, modifiers = 0) => {
      const [text, code] = KEYS[key] ?? [key, 0];
      const event = { key, modifiers, windowsVirtualKeyCode: code };
      return [devtools.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...(modifiers ? {} : { text }) }), devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })];
    };
    return part === 'Ctrl-K' ? one('k', 2) : part === 'Enter' ? one('Enter') : [...part].flatMap(letter => one(letter));
  }));
  await keys('Ctrl-K', 'write a note', 'Enter', 'calls back at five', 'Enter');
  await mock.frame(f => f.do === 'note' && f.text === 'calls back at five');
  await keys('Ctrl-K', 'reply to maria', 'Enter', 'Hola', 'Enter', 'Ctrl-K', 'transfer maria', 'Enter', 'bruno', 'Enter');
  await mock.frame(f => f.do === 'write' && f.text === 'Hola');
  await mock.frame(f => f.do === 'transfer' && f.agent === 2);
});
