// A chat from the first key to the thank-you, as a visitor has it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { Visitor, carrying } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

let browser, server;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

test('a first chat needs no mouse', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const { page } = visitor;
  const { keyboard } = page;
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.locator('form').waitFor();
  await keyboard.type('Lucía');
  await keyboard.press('Tab');
  await keyboard.type('lucia@example.com');
  const [[chat]] = await Promise.all([once(server, 'chat'), keyboard.press('Enter')]);
  assert.equal(chat.visitor.name, 'Lucía');
  assert.equal(chat.visitor.email, 'lucia@example.com');
  await visitor.field.waitFor();
  await keyboard.type('Hola');
  await keyboard.press('Shift+Enter');
  await keyboard.type('¿hay 42?');
  await keyboard.press('Enter');
  await page.locator('.item.sent').waitFor();
  assert.deepEqual(await visitor.bubbles(), ['Hola\n¿hay 42?']);
  await keyboard.press('Escape');
  assert.equal(await visitor.launcher.evaluate((node) => node.getRootNode().activeElement === node), true, 'the focus is back on the launcher');
  assert.deepEqual(visitor.problems, []);
});

test('what is missing is said beside its field and gone when it is filled', { timeout: 60_000 }, async () => {
  Object.assign(server.settings, { email: 'required', extra_required: true, pattern: '[0-9 ]{8,}' });
  const visitor = await Visitor.arrive(browser, server);
  const { page } = visitor;
  await visitor.open();
  await page.locator('form .main').click();
  const error = (name) => page.locator('label', { has: page.locator(`[name=${name}]`) }).locator('.error').textContent();
  assert.equal(await error('name'), '');
  assert.equal(await error('email'), 'Complete este campo');
  assert.equal(await error('extra'), 'Complete este campo');
  const email = page.locator('input[name=email]');
  assert.equal(await email.evaluate((node) => node.getRootNode().activeElement === node), true);
  assert.equal(await email.getAttribute('aria-invalid'), 'true');
  await email.fill('lucia@');
  await page.locator('input[name=extra]').fill('123');
  assert.equal(await error('email'), '');
  await page.locator('form .main').click();
  assert.equal(await error('email'), 'Revise este dato');
  assert.equal(await error('extra'), 'Revise este dato');
  await email.fill('lucia@example.com');
  await page.locator('input[name=extra]').fill('099 123 456');
  server.failNext('start', { code: 'invalid_field', field: 'email', message: 'email is not deliverable' });
  await page.locator('form .main').click();
  await page.getByText('Revise este dato').waitFor();
  assert.equal(await error('extra'), '');
  const [[chat]] = await Promise.all([once(server, 'chat'), page.locator('form .main').click()]);
  assert.equal(chat.visitor.extra, '099 123 456');
});

test('the place in the queue is shown and said once per change', { timeout: 60_000 }, async () => {
  server.welcome = 'Bienvenida';
  const visitor = await Visitor.arrive(browser, server);
  await visitor.open();
  const spoken = await visitor.listen();
  const chat = await visitor.start();
  await visitor.page.getByText('Espera estimada: 2 min').waitFor();
  server.wait(chat, 2, 30);
  await visitor.page.getByText('Espera estimada: 1 min').waitFor();
  server.wait(chat, 1, null);
  await visitor.page.getByText('Su lugar en la fila: 1').first().waitFor();
  server.activate(chat);
  server.say(chat, 'Buenas');
  await visitor.page.locator('.item.agent').waitFor();
  assert.deepEqual(await spoken(), ['Bienvenida', 'Su lugar en la fila: 2', 'Su lugar en la fila: 1', 'Ana se unió a la conversación.', 'Ana. Buenas']);
  assert.equal(await visitor.page.locator('.queue').isVisible(), false);
});

test('an own message goes from sent to delivered to read, and typing shows on both sides', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith('Ana');
  await visitor.field.pressSequentially('Ho');
  await visitor.write('Hola');
  const status = visitor.page.locator('.item.visitor small');
  await visitor.page.locator('.sent').waitFor();
  assert.match(await status.textContent(), /· Enviado$/);
  server.seen(chat, 2, 0);
  await visitor.page.locator('.delivered').waitFor();
  assert.match(await status.textContent(), /· Entregado$/);
  server.seen(chat, 2, 2);
  await visitor.page.locator('.read').waitFor();
  assert.match(await status.textContent(), /· Leído$/);
  server.typing(chat, true);
  await visitor.page.getByText('Ana está escribiendo…').waitFor();
  server.say(chat, 'Buenas');
  await visitor.page.locator('.item.agent').waitFor();
  assert.equal(await visitor.page.locator('.typing').isVisible(), false);
  assert.deepEqual(server.frames.filter((frame) => frame.do === 'typing').map(({ on }) => on), [true, false]);
});

test('what comes in while the window is closed is counted, and read when it opens', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  const marks = async (read) => {
    while (chat.visitorRead !== read) await once(server, 'frame');
  };
  await marks(1);
  await visitor.page.keyboard.press('Escape');
  server.say(chat, 'uno');
  server.say(chat, 'dos');
  await visitor.page.locator('.badge', { hasText: '2' }).waitFor();
  assert.equal(await visitor.launcher.getAttribute('aria-label'), 'Abrir el chat, 2 sin leer');
  assert.equal(chat.visitorRead, 1);
  await visitor.open();
  await marks(3);
  assert.equal(await visitor.page.locator('.badge').isVisible(), false);
});

test('links open safely, and only http, https and mailto are links', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  server.say(chat, 'Mire https://andes.example/botas?talle=43. O (http://andes.example/a), mailto:ana@andes.example; no javascript:alert(1) ni data:text/html,x ni https://');
  server.say(chat, 'https://аpple.example/login');
  await visitor.page.locator('.item.agent').nth(1).waitFor();
  const links = await visitor.page.locator('.log a').evaluateAll((nodes) => nodes.map(({ href, target, rel, textContent }) => [href, target, rel, textContent]));
  assert.deepEqual(links, [
    ['https://andes.example/botas?talle=43', '_blank', 'noopener noreferrer', 'https://andes.example/botas?talle=43'],
    ['http://andes.example/a', '_blank', 'noopener noreferrer', 'http://andes.example/a'],
    ['mailto:ana@andes.example', '_blank', 'noopener noreferrer', 'mailto:ana@andes.example'],
    ['https://xn--pple-43d.example/login', '_blank', 'noopener noreferrer', 'https://xn--pple-43d.example/login'],
  ]);
});

test('ending is asked twice, then scored, with a note, and the conversation can be kept', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server, { acceptDownloads: true });
  const { page } = visitor;
  const chat = await visitor.chatWith();
  server.say(chat, '¿Algo más?');
  await visitor.write('No, gracias');
  await page.locator('.sent').waitFor();
  const end = async () => {
    await page.locator('.tool', { hasText: 'Finalizar chat' }).click();
  };
  await end();
  await page.locator('.foot button', { hasText: 'Continuar' }).click();
  assert.equal(await visitor.field.isVisible(), true);
  await end();
  await page.keyboard.press('Escape');
  assert.equal(await visitor.field.isVisible(), true);
  await end();
  await page.locator('.foot .main', { hasText: 'Finalizar chat' }).click();
  await page.locator('h2', { hasText: 'Chat finalizado' }).waitFor();
  await page.getByText('Gracias por escribirnos.').first().waitFor();
  await page.getByLabel('4 / 5').check();
  await page.getByLabel('Comentario').fill('Muy amable');
  await Promise.all([once(server, 'feedback'), page.locator('.closing .main').click()]);
  assert.deepEqual(server.feedback.get(chat.view.chat), { score: 4, note: 'Muy amable' });
  await page.getByText('¡Gracias!').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), visitor.save('.closing')]);
  const transcript = await readFile(await download.path(), 'utf8');
  assert.match(transcript, /^\[.+\] -: Ana se unió a la conversación\.\n\[.+\] Ana: ¿Algo más\?\n\[.+\] Usted: No, gracias\n$/);
  await page.locator('.closing button', { hasText: 'Iniciar chat' }).click();
  await page.locator('input[name=name]').waitFor();
  await visitor.start();
  assert.equal(server.chats.size, 2);
  assert.deepEqual(await visitor.bubbles(), []);
});

test('feedback can still be given on coming back', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const { page } = visitor;
  const chat = await visitor.chatWith();
  server.close(chat);
  await page.locator('.stars').waitFor();
  await page.reload();
  await page.getByLabel('5 / 5').check();
  await Promise.all([once(server, 'feedback'), page.locator('.closing .main').click()]);
  assert.equal(server.feedback.get(chat.view.chat).score, 5);
});

test('the language comes from the tag, the page, then the browser, and can be changed while chatting', { timeout: 60_000 }, async () => {
  const launcher = async (tag, lang, locale) => {
    const html = carrying(tag).replace('lang="es"', `lang="${lang}"`);
    const visitor = await Visitor.arrive(browser, server, { html, locale });
    return visitor.launcher.getAttribute('aria-label');
  };
  assert.equal(await launcher('data-campaign="1" data-language="pt-BR"', 'es', 'en-US'), 'Abrir o chat');
  assert.equal(await launcher('data-campaign="1"', 'es-UY', 'en-US'), 'Abrir el chat');
  assert.equal(await launcher('data-campaign="1"', 'fr', 'pt-BR'), 'Abrir o chat');
  assert.equal(await launcher('data-campaign="1"', 'fr', 'fr-FR'), 'Open chat');

  const visitor = await Visitor.arrive(browser, server);
  await visitor.chatWith();
  await visitor.write('Hola');
  await visitor.page.locator('.sent').waitFor();
  await visitor.widget.evaluate((chat) => chat.setLanguage('en'));
  await visitor.page.getByText('Online').waitFor();
  assert.deepEqual(await visitor.bubbles(), ['Hola']);
  assert.equal(server.chats.size, 1);
});

test('the page can open, close, identify and listen', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server, { html: carrying('', '<script src="/host.js"></script>').replace('<main>', '<webchat-window campaign="1" language="en" email="ana@example.com"></webchat-window><main>') });
  const { page } = visitor;
  await page.evaluate(() => {
    globalThis.heard = [];
    addEventListener('webchat:state', ({ detail }) => globalThis.heard.push(detail.state));
    addEventListener('webchat:message', ({ detail }) => globalThis.heard.push(detail.text));
    const chat = document.querySelector('webchat-window');
    chat.identify({ name: 'Ana' });
    chat.open();
  });
  await page.locator('form').waitFor();
  assert.equal(await visitor.widget.evaluate((chat) => chat.hasAttribute('open')), true);
  assert.equal(await page.locator('input[name=name]').inputValue(), 'Ana');
  assert.equal(await page.locator('input[name=email]').inputValue(), 'ana@example.com');
  await page.evaluate(() => document.querySelector('webchat-window').identify({ email: 'ana@work.example' }));
  assert.equal(await page.locator('input[name=email]').inputValue(), 'ana@work.example');
  const chat = await visitor.start({ name: 'Ana' });
  server.activate(chat);
  server.say(chat, 'Hello');
  await page.locator('.item.agent').waitFor();
  await page.evaluate(() => document.querySelector('webchat-window').close());
  assert.equal(await page.locator('.window').isVisible(), false);
  const heard = await page.evaluate(() => globalThis.heard);
  assert.deepEqual([...new Set(heard)], ['form', 'waiting', 'active', 'Ana se unió a la conversación.', 'Hello']);
});
