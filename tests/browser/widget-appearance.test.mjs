// What a visitor sees and hears: nothing for axe to say in any state, readable on any colour, whole on a small screen.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { axe, launch } from './lib/browser.mjs';
import { Visitor } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

// With PICTURES=folder each state is also photographed there.
const folder = process.env.PICTURES;

let browser, server;
before(async () => {
  browser = await launch();
  if (folder) await mkdir(folder, { recursive: true });
});
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

const DESKTOP = { viewport: { width: 1100, height: 780 } };
const MOBILE = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true };

for (const [screen, options] of [['desktop', DESKTOP], ['mobile', MOBILE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe has nothing to say in any state (${screen}, ${colorScheme})`, { timeout: 180_000 }, async () => {
      Object.assign(server.settings, { name: 'Sendero', email: 'required', media: true, files: { max_bytes: 5_242_880, kinds: ['image'] } });
      server.welcome = '¡Hola! Te damos la bienvenida a Sendero. Cuéntanos qué buscas y te ayudamos.';
      const visitor = await Visitor.arrive(browser, server, { path: '/demo/shop.html', html: null, colorScheme, locale: 'es-UY', ...options });
      const { page } = visitor;
      const look = async (state) => {
        await page.mouse.move(1, 1);
        if (folder) await page.screenshot({ path: `${folder}/widget-${state}-${screen}-${colorScheme}.png`, animations: 'disabled' });
        assert.deepEqual(await axe(page), [], state);
      };
      await look('closed');
      await visitor.open();
      await page.locator('form').waitFor();
      await look('form');
      await page.locator('input[name=name]').fill('Lucía');
      await page.locator('form .main').click();
      await page.getByText('Complete este campo').waitFor();
      await look('errors');
      const chat = await visitor.start({ email: 'lucia@example.com' });
      await page.locator('.queue').waitFor();
      await page.locator('.item.bot').waitFor();
      await look('waiting');
      server.activate(chat);
      server.say(chat, 'Hola Lucía, soy Ana. ¿En qué te ayudo?');
      await page.locator('.item.agent').waitFor();
      await visitor.write('Hola Ana, quiero cambiar unas botas que me quedaron chicas.');
      await visitor.write('Son las Cordillera 42, pedido 10482');
      await page.locator('.sent').waitFor();
      server.say(chat, 'Claro que sí 😊 ¿Qué talle necesitas?');
      server.say(chat, 'Aquí puedes ver los que tenemos: https://sendero.example/botas?talle=43');
      await page.locator('.item.agent').nth(2).waitFor();
      await visitor.write('¡Perfecto! El 43 entonces 🙌');
      await page.locator('.item.visitor').nth(2).waitFor();
      await page.locator('.sent').waitFor();
      server.seen(chat, chat.messages.length, chat.messages.length);
      server.typing(chat, true);
      await page.locator('.read').waitFor();
      await page.locator('.typing').waitFor();
      await look('chatting');
      server.typing(chat, false);
      await page.locator('.row input[type=file]').setInputFiles({ name: 'Cordillera 42.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(84_000, 1) });
      await page.locator('.item.sent .file').waitFor();
      await page.locator('.row input[type=file]').setInputFiles({ name: 'video de las botas.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(5_300_000, 1) });
      await page.locator('.item.failed .file').waitFor();
      await look('files');
      await page.locator('.tool', { hasText: 'Transcripción' }).click();
      await page.locator('.keep').waitFor();
      await look('transcript');
      await page.locator('.tool', { hasText: 'Transcripción' }).click();
      await page.locator('.tool', { hasText: 'Finalizar chat' }).click();
      await look('confirm');
      await page.locator('.foot .side').click();
      server.failNext('write', { code: 'limit', message: 'no more messages' });
      await visitor.write('Un mensaje que no sale');
      await page.locator('.failed', { hasText: 'que no sale' }).waitFor();
      await server.stop();
      await page.locator('.window > p.header').waitFor();
      await look('lost');
      await server.start();
      await page.locator('.window > p.header').waitFor({ state: 'hidden' });
      server.close(chat, { feedback: { text: '¿Cómo fue la atención de hoy?', form: true, until: Date.now() + 86_400_000 } });
      await page.locator('.stars').waitFor();
      await look('ended');
      await page.getByLabel('4 / 5').check();
      await page.getByLabel('Comentario').fill('Muy amable, gracias.');
      await look('feedback');
      await Promise.all([once(server, 'feedback'), page.locator('.closing .main').click()]);
      await page.getByText('¡Gracias!').waitFor();
      await look('thanks');
      server.refusal = { code: 'queue_full', text: 'En este momento no hay agentes disponibles. Por favor, inténtelo más tarde.', next_open_at: null, offline_form: false };
      await page.locator('.closing button', { hasText: 'Iniciar chat' }).click();
      await page.locator('form .main').click();
      await page.locator('.say').waitFor();
      await look('refused');
      Object.assign(server.settings, { open: false, offline_form: true, next_open_at: Date.UTC(2026, 10, 30, 12, 0) });
      await page.locator('.page .main').click();
      await page.locator('textarea').waitFor();
      await look('offline');
      await page.locator('textarea').fill('¿Tienen la bota Cordillera en 43?');
      await page.locator('form .main').click();
      await page.getByText('Mensaje recibido: R-1001').waitFor();
      await look('receipt');
      server.allowed = false;
      await page.reload();
      await visitor.launcher.waitFor();
      if (await visitor.page.locator('.window').isHidden()) await visitor.open();
      await page.getByRole('heading', { name: 'Chat no disponible aquí' }).waitFor();
      await look('blocked');
      assert.deepEqual(visitor.problems, []);
    });
  }
}

test('what stands on the campaign colour is readable on every colour', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server);
  const worst = await visitor.page.evaluate(() => {
    const root = document.querySelector('webchat-window').shadowRoot.querySelector('.root');
    const launcher = root.querySelector('.launcher');
    const linear = (v) => ((v /= 255) > 0.04045 ? ((v + 0.055) / 1.055) ** 2.4 : v / 12.92);
    let worst = { contrast: 21 };
    const steps = [0, 17, 51, 85, 102, 110, 117, 119, 120, 128, 136, 153, 170, 187, 204, 238, 255];
    for (const r of steps) for (const g of steps) for (const b of steps) {
      const colour = '#' + [r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('');
      root.style.setProperty('--c', colour);
      const words = getComputedStyle(launcher).color;
      const on = +/^color\(xyz-d65 \S+ (\S+)/.exec(words)[1];
      const y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
      const contrast = (Math.max(on, y) + 0.05) / (Math.min(on, y) + 0.05);
      if (contrast < worst.contrast) worst = { contrast, colour, words };
    }
    return worst;
  });
  assert.ok(worst.contrast >= 4.5, JSON.stringify(worst));
});

test('axe agrees on the hardest colours', { timeout: 120_000 }, async () => {
  for (const colour of ['#ffffff', '#000000', '#777777', '#ffea00', '#ff0000', '#0000ff', '#00c853']) {
    server.settings.colour = colour;
    const visitor = await Visitor.arrive(browser, server);
    await visitor.chatWith();
    await visitor.write('Hola');
    await visitor.page.locator('.sent').waitFor();
    assert.deepEqual(await axe(visitor.page), [], colour);
    await visitor.page.context().close();
  }
});

test('forced colours keep every edge', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server, { forcedColors: 'active' });
  const chat = await visitor.chatWith();
  server.say(chat, 'Hola');
  const bubble = visitor.page.locator('.item.agent p');
  await bubble.waitFor();
  assert.equal(await bubble.evaluate((node) => getComputedStyle(node).borderTopWidth), '1px');
  assert.deepEqual(await axe(visitor.page), []);
});

test('on a small screen the window fills it and keeps the focus', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive(browser, server, MOBILE);
  const { page } = visitor;
  await visitor.open();
  assert.deepEqual(await page.locator('.window').boundingBox(), { x: 0, y: 0, width: 390, height: 780 });
  const stops = new Set();
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    stops.add(await page.evaluate(() => document.activeElement?.tagName));
  }
  assert.equal(stops.has('BUTTON'), false, 'the button of the page is never reached');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.window').isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'WEBCHAT-WINDOW');
  await page.reload();
  await visitor.launcher.waitFor();
  assert.equal(await page.locator('.window').isVisible(), false, 'it does not cover the next page');
});

test('in a page written from right to left the window mirrors', { timeout: 60_000 }, async () => {
  const html = `<!doctype html><html lang="en" dir="rtl"><title>Shop</title><script src="/widget.js" data-campaign="1" async></script><main><h1>Shop</h1></main></html>`;
  const visitor = await Visitor.arrive(browser, server, { html, ...DESKTOP });
  const box = await visitor.launcher.boundingBox();
  assert.equal(box.x, 20);
  await visitor.open();
  await visitor.start();
  await visitor.write('שלום');
  await visitor.page.locator('.sent').waitFor();
  const bubble = await visitor.page.locator('.item.visitor p').boundingBox();
  const window = await visitor.page.locator('.window').boundingBox();
  assert.ok(bubble.x - window.x < 60, 'the own bubbles are on the left');
});
