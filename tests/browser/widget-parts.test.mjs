// The window's rarely used parts, which come when they are needed: files, transcript, score, letter, sound; and who the visitor is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { axe, launch } from './lib/browser.mjs';
import { Visitor, carrying } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

let browser, server;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

const FILES = { max_bytes: 2048, kinds: ['image', 'text'] };
const file = (name, bytes = 100) => ({ name, mimeType: 'image/png', buffer: Buffer.alloc(bytes, 1) });
const chooser = (visitor) => visitor.page.locator('.row input[type=file]');
const SPEAKS = { es: 0, en: 1, pt: 2 };

test('nothing more than the window is loaded before it is needed', { timeout: 60_000 }, async () => {
  const asked = [];
  server.on('request', ({ url }) => url.startsWith('/widget/') && asked.push(url));
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  await visitor.write('Hola');
  await visitor.page.locator('.sent').waitFor();
  assert.deepEqual(asked, []);
  await visitor.page.locator('.tool', { hasText: 'Transcripción' }).click();
  await visitor.page.locator('.keep').waitFor();
  server.close(chat);
  await visitor.page.locator('.stars').waitFor();
  assert.deepEqual(asked, ['/widget/now/transcript.js', '/widget/now/feedback.js']);
});

test('a part that cannot be loaded leaves the rest of the window at work', { timeout: 60_000 }, async () => {
  server.settings.files = FILES;
  server.unreachable = true;
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  await visitor.write('Hola');
  await visitor.page.locator('.sent').waitFor();
  await visitor.page.locator('.tool', { hasText: 'Transcripción' }).click();
  server.close(chat);
  await visitor.page.getByRole('heading', { name: 'Chat finalizado' }).waitFor();
  await visitor.page.locator('.closing button', { hasText: 'Iniciar chat' }).click();
  await visitor.start();
  assert.deepEqual(visitor.problems, []);
});

test('a file is sent by button, paste and drop, once each, and can be fetched', { timeout: 60_000 }, async () => {
  server.settings.files = FILES;
  const visitor = await Visitor.arrive(browser, server, { acceptDownloads: true });
  const chat = await visitor.chatWith();
  const { page } = visitor;
  assert.equal(await page.getByRole('button', { name: 'Adjuntar archivo' }).count(), 1);
  await chooser(visitor).waitFor({ state: 'attached' });
  server.loseUpload = true;
  await chooser(visitor).setInputFiles(file('uno.png'));
  await page.locator('.item.sent', { hasText: 'uno.png' }).waitFor();
  for (const [event, name] of [['paste', 'dos.png'], ['drop', 'tres.png']]) {
    await page.evaluate(([event, name]) => {
      const root = document.querySelector('webchat-window').shadowRoot;
      const carried = new DataTransfer();
      carried.items.add(new File([new Uint8Array(9)], name, { type: 'image/png' }));
      const target = root.querySelector(event === 'paste' ? '.row textarea' : '.log');
      target.dispatchEvent(event === 'paste' ? new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }) : new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
    }, [event, name]);
    await page.locator('.item.sent', { hasText: name }).waitFor();
  }
  const sent = chat.messages.filter(({ file }) => file);
  assert.deepEqual(sent.map(({ text }) => text), ['uno.png', 'dos.png', 'tres.png']);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.file', { hasText: 'uno.png' }).click()]);
  assert.equal(download.suggestedFilename(), 'uno.png');
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(visitor.problems, []);
});

for (const [language, n] of Object.entries(SPEAKS)) {
  test(`every refusal of a file is read (${language})`, { timeout: 60_000 }, async () => {
    server.settings.files = FILES;
    const visitor = await Visitor.arrive(browser, server, { html: carrying(`data-campaign="1" data-language="${language}"`) });
    await visitor.open();
    server.activate(await visitor.start());
    await chooser(visitor).waitFor({ state: 'attached' });
    const spoken = await visitor.listen();
    const reads = async (name, words) => {
      await chooser(visitor).setInputFiles(file(name, { 'grande.png': 2049, 'nada.png': 0 }[name]));
      await visitor.page.locator('.item.failed', { hasText: name }).locator('small', { hasText: words[n] }).waitFor();
      assert.ok((await spoken()).includes(`${name}. ${words[n]}`), 'and said aloud');
    };
    await reads('grande.png', ['El archivo supera 2 KB', 'The file is larger than 2 KB', 'O arquivo passa de 2 KB']);
    await reads('nada.png', ['El archivo está vacío', 'The file is empty', 'O arquivo está vazio']);
    for (const [code, words] of [
      ['kind', ['Este tipo de archivo no se admite', 'This kind of file is not accepted', 'Este tipo de arquivo não é aceito']],
      ['files_not_allowed', ['No se admiten archivos', 'Files are not accepted', 'Arquivos não são aceitos']],
      ['limit', ['No se admiten más archivos en este chat', 'No more files are accepted in this chat', 'Não são aceitos mais arquivos neste chat']],
      ['files_full', ['No hay lugar para más archivos ahora', 'There is no room for more files now', 'Não há espaço para mais arquivos agora']],
      ['too_fast', ['Demasiados archivos; espere un momento', 'Too many files; wait a moment', 'Arquivos demais; aguarde um momento']],
      ['chat_closed', ['El chat ya terminó', 'The chat has ended', 'O chat já terminou']],
    ]) {
      server.fileRefusal = code === 'kind' ? { code: 'invalid_field', field: 'file.kind' } : { code };
      await reads(`${code}.png`, words);
    }
  });

  test(`a claim that does not hold, and going too fast, are read (${language})`, { timeout: 60_000 }, async () => {
    const visitor = await Visitor.arrive(browser, server, { html: carrying(`data-campaign="1" data-language="${language}" data-visitor="4711" data-name="Eva" data-email="eva@mail.example" data-expires="1790000600" data-signature="abc"`) });
    await visitor.open();
    for (const code of ['invalid_signature', 'identity_expired', 'identity_off']) {
      server.failNext('start', { code, message: 'no' });
      await visitor.page.locator('form .main').click();
      await visitor.page.locator('.error', { hasText: ['Identidad no confirmada', 'Identity not confirmed', 'Identidade não confirmada'][n] }).waitFor();
    }
    const { identity } = server.frames.findLast((frame) => frame.do === 'start');
    assert.deepEqual(identity, { id: '4711', name: 'Eva', email: 'eva@mail.example', expires: 1790000600, signature: 'abc' });
    server.failNext('start', { code: 'too_fast', message: 'no', seconds: 40 });
    await visitor.page.locator('form .main').click();
    await visitor.page.locator('.error', { hasText: ['Espere 40 s', 'Wait 40 s', 'Aguarde 40 s'][n] }).waitFor();
    const [[chat]] = await Promise.all([once(server, 'chat'), visitor.page.locator('form .main').click()]);
    assert.equal(chat.visitor.identity.id, '4711');
  });
}

test('identify passes a signed claim on, and without a signature claims nothing', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  await visitor.widget.evaluate((chat) => chat.identify({ id: '7', name: 'Eva' }));
  await visitor.open();
  assert.equal(await visitor.page.locator('input[name=name]').inputValue(), 'Eva');
  server.refusal = { code: 'no_agents', text: 'Nadie', next_open_at: null, offline_form: false };
  await visitor.page.locator('form .main').click();
  await visitor.page.getByRole('heading', { name: 'Nadie' }).waitFor();
  assert.equal(server.frames.findLast((frame) => frame.do === 'start').identity, null);
  server.refusal = null;
  await visitor.widget.evaluate((chat) => chat.identify({ id: '7', name: 'Eva', email: 'eva@mail.example', expires: 9, signature: 'f0' }));
  await visitor.page.locator('.page .main').click();
  await visitor.page.locator('input[name=name]').waitFor();
  const [[chat]] = await Promise.all([once(server, 'chat'), visitor.page.locator('form .main').click()]);
  assert.deepEqual(chat.visitor.identity, { id: '7', name: 'Eva', email: 'eva@mail.example', expires: 9, signature: 'f0' });
});

test('the conversation can be had by e-mail, during the chat and after it', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const { page } = visitor;
  const chat = await visitor.chatWith();
  const open = (part) => page.locator(`${part} button`, { hasText: 'Transcripción' }).click();
  await open('.foot');
  const address = page.getByLabel('Correo electrónico');
  await address.fill('lucia@');
  await address.press('Enter');
  await page.getByText('Revise este dato').waitFor();
  assert.equal(await address.getAttribute('aria-invalid'), 'true');
  assert.deepEqual(await axe(page), []);
  server.failNext('transcript', { code: 'too_fast', message: 'no', seconds: 600 });
  await address.fill('lucia@mail.example');
  await address.press('Enter');
  await page.getByText('Espere unos minutos y vuelva a intentarlo').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.keep').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.window').isVisible(), true, 'only the panel is closed');
  await open('.foot');
  await page.getByLabel('Correo electrónico').fill('lucia@mail.example');
  await page.locator('.keep .main').click();
  await page.getByText('Al terminar el chat se enviará a lucia@mail.example').waitFor();
  server.close(chat);
  await page.locator('.stars').waitFor();
  await open('.closing');
  server.failNext('transcript', { code: 'bad_request', message: 'no' });
  await page.getByLabel('Correo electrónico').fill('lucia@mail.example');
  await page.locator('.keep .main').click();
  await page.getByText('No se pudo enviar. Descárguela.').waitFor();
  await page.locator('.keep .main').click();
  await page.getByText('La conversación se enviará a lucia@mail.example').waitFor();
  assert.deepEqual(server.transcripts, ['lucia@mail.example', 'lucia@mail.example']);
});

test('a campaign that mails no conversations has it saved at once', { timeout: 60_000 }, async () => {
  server.settings.transcript_by_mail = false;
  const visitor = await Visitor.arrive(browser, server, { acceptDownloads: true });
  await visitor.chatWith();
  const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.page.locator('.tool', { hasText: 'Transcripción' }).click()]);
  assert.equal(download.suggestedFilename(), 'chat.txt');
});

test('a chat that ends with an agent while the campaign is closed says when it opens again', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const chat = await visitor.chatWith();
  server.close(chat, { reason: 'out_of_time', text: 'Ya cerramos.', next_open_at: Date.UTC(2026, 10, 30, 12, 0) });
  await visitor.page.locator('.closing .note', { hasText: 'Abrimos: lunes, 30 de noviembre de 2026, 9:00' }).waitFor();
});

test('a message that comes in unseen sounds once, unless sound is off', { timeout: 60_000 }, async () => {
  const context = await browser.newContext({ locale: 'es-UY', reducedMotion: 'reduce' });
  await context.addInitScript(() => {
    globalThis.tones = 0;
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...at) {
      globalThis.tones++;
      return start.apply(this, at);
    };
  });
  server.pages.set('/', carrying());
  const visitor = await Visitor.arrive(browser, server, { html: null, context });
  const chat = await visitor.chatWith();
  const sound = visitor.page.getByRole('switch', { name: 'Sonido' });
  assert.equal(await sound.getAttribute('aria-checked'), 'true');
  await visitor.page.keyboard.press('Escape');
  server.say(chat, 'uno');
  await visitor.until(() => globalThis.tones === 1);
  await visitor.open();
  await sound.click();
  assert.equal(await sound.getAttribute('aria-checked'), 'false');
  await visitor.page.keyboard.press('Escape');
  server.say(chat, 'dos');
  await visitor.page.locator('.badge', { hasText: '1' }).waitFor();
  assert.equal(await visitor.page.evaluate(() => globalThis.tones), 1);
  await visitor.page.reload();
  await visitor.open();
  assert.equal(await sound.getAttribute('aria-checked'), 'false', 'the choice is kept');
});
