// An unreliable network: each message once, in order, on both sides, in the same chat.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { Visitor } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

let browser, server;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

const written = (chat) => chat.messages.filter(({ author }) => author.kind === 'visitor').map(({ text }) => text);
const settled = (visitor, count) => visitor.until((count) => {
  const root = document.querySelector('webchat-window').shadowRoot;
  return root.querySelectorAll('.visitor').length === count && !root.querySelector('.sending, .failed');
}, count);

test('messages written while the server is away are sent once and in order when it is back', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  await visitor.write('uno');
  await visitor.page.locator('.sent').waitFor();
  const spoken = await visitor.listen();
  await server.stop();
  for (const text of ['dos', 'tres', 'cuatro']) await visitor.write(text);
  await visitor.page.locator('.window > p.header', { hasText: 'Sin conexión…' }).waitFor();
  assert.equal(await visitor.page.locator('.sending').count(), 3);
  server.say(chat, 'dicho mientras tanto');
  await server.start();
  await settled(visitor, 4);
  assert.deepEqual(written(chat), ['uno', 'dos', 'tres', 'cuatro']);
  assert.deepEqual(await visitor.bubbles(), ['uno', 'dos', 'tres', 'cuatro']);
  assert.deepEqual(await visitor.bubbles('agent'), ['dicho mientras tanto']);
  assert.equal(await visitor.page.locator('.window > p.header').isVisible(), false);
  assert.deepEqual(await spoken(), ['Sin conexión…', 'En línea', 'Ana. dicho mientras tanto']);
});

test('a message committed while its answer was lost is not doubled', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  server.loseAnswer('write');
  await visitor.write('uno');
  await visitor.write('dos');
  await settled(visitor, 2);
  assert.deepEqual(written(chat), ['uno', 'dos']);
  assert.deepEqual(await visitor.bubbles(), ['uno', 'dos']);
});

test('a start whose answer was lost gives one chat', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  await visitor.open();
  server.loseAnswer('start');
  await visitor.start();
  await visitor.page.getByText('Su lugar en la fila: 2').first().waitFor();
  assert.equal(server.chats.size, 1);
});

test('a message refused for now is not overtaken by the next', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  server.failNext('write', { code: 'too_fast', message: 'too many messages' });
  await visitor.write('uno');
  await visitor.write('dos');
  await settled(visitor, 2);
  assert.deepEqual(written(chat), ['uno', 'dos']);
});

test('a message refused for good says so', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  server.failNext('write', { code: 'limit', message: 'no more messages' });
  await visitor.write('uno');
  await visitor.page.locator('.failed').waitFor();
  assert.equal(await visitor.page.locator('.failed small').textContent(), 'No enviado');
  await visitor.write('dos');
  await visitor.page.locator('.sent').waitFor();
  assert.deepEqual(written(chat), ['dos']);
});

test('after a reload the same chat is there, with what was not yet sent', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  await visitor.write('uno');
  await visitor.page.locator('.sent').waitFor();
  await visitor.field.fill('a medio escrib');
  await server.stop();
  await visitor.write('dos');
  await visitor.field.fill('a medio escrib');
  await server.start();
  await visitor.page.reload();
  await settled(visitor, 2);
  assert.deepEqual(written(chat), ['uno', 'dos']);
  assert.deepEqual(await visitor.bubbles(), ['uno', 'dos']);
  assert.equal(await visitor.field.inputValue(), 'a medio escrib');
  assert.equal(server.chats.size, 1);
});

test('history is not announced or counted again on resuming', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  server.say(chat, 'leído');
  await visitor.page.locator('.item.agent').waitFor();
  await visitor.until(() => JSON.parse(Object.values(localStorage)[0]).read === 2);
  await visitor.page.keyboard.press('Escape');
  server.say(chat, 'sin leer');
  await visitor.page.locator('.badge', { hasText: '1' }).waitFor();
  await visitor.page.addInitScript(() => {
    globalThis.texts = [];
    addEventListener('webchat:message', ({ detail }) => globalThis.texts.push(detail.text));
  });
  await visitor.page.reload();
  await visitor.page.locator('.badge', { hasText: '1' }).waitFor();
  assert.equal(await visitor.page.locator('[role=log] p').count(), 0);
  assert.deepEqual(await visitor.page.evaluate(() => globalThis.texts), []);
});

test('a second tab has the same chat, and what one writes shows in the other', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  const second = await Visitor.arrive(browser, server, { context: visitor.page.context() });
  await second.field.waitFor();
  await second.write('desde la segunda');
  await visitor.write('desde la primera');
  await settled(visitor, 2);
  await settled(second, 2);
  assert.deepEqual(await visitor.bubbles(), await second.bubbles());
  assert.equal(written(chat).length, 2);
  assert.equal(server.chats.size, 1);
  server.close(chat);
  await visitor.page.locator('.stars').waitFor();
  await second.page.locator('.stars').waitFor();
});

test('a chat begun in one tab appears in another that was already open', { timeout: 60_000 }, async () => {
  const first = await Visitor.arrive(browser, server);
  const second = await Visitor.arrive(browser, server, { context: first.page.context() });
  server.welcome = 'Bienvenida';
  const chat = await first.chatWith();
  await first.page.keyboard.press('Escape');
  server.say(chat, 'Buenas');
  await second.page.locator('.badge', { hasText: '1' }).waitFor();
  await second.open();
  assert.deepEqual(await second.bubbles('agent'), ['Buenas']);
});

test('nobody is connected before there is a reason', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  assert.equal(server.sockets.clients.size, 0);
  const connected = once(server.sockets, 'connection');
  await visitor.open();
  await connected;
});

test('a connection that is silent is given up', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  // From here on this socket swallows everything, as a broken middlebox would.
  for (const socket of server.sockets.clients) socket.removeAllListeners('message');
  await visitor.write('uno');
  const [socket] = await once(server.sockets, 'connection');
  assert.ok(socket);
  await settled(visitor, 1);
  assert.deepEqual(written(chat), ['uno']);
});

test('a page that may not store anything can still chat', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server, { path: '/sealed', html: null, context: await sealed() });
  const chat = await visitor.chatWith();
  await visitor.write('uno');
  await visitor.page.locator('.sent').waitFor();
  assert.deepEqual(written(chat), ['uno']);
  assert.deepEqual(visitor.problems, []);

  async function sealed() {
    const { carrying } = await import('./lib/visitor.mjs');
    server.pages.set('/sealed', carrying());
    const context = await browser.newContext({ locale: 'es-UY' });
    await context.addInitScript(() => Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } }));
    return context;
  }
});
