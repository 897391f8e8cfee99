// Whatever is typed or configured is text; nothing leaves for elsewhere; the page and its style cannot break the window.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { Visitor, carrying } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

let browser, server;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  '<style>*{display:none}</style>',
  '</textarea></div><iframe src="javascript:alert(1)">',
  'javascript:alert(1)',
  ' javascript:alert(1) ',
  'https://a"onmouseover="alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}} ${alert(1)} $& $1 {}',
  '\u202Etxt.exe\u202C \u2066\u202Egnp.exe',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢'.repeat(20),
  'a'.repeat(3000),
  '؁ﷺ'.repeat(200),
];

test('attacks in every text a visitor is shown stay text', { timeout: 120_000 }, async () => {
  Object.assign(server.settings, { name: ATTACKS[1] });
  const visitor = await Visitor.arrive(browser, server, { viewport: { width: 1000, height: 760 } });
  const { page } = visitor;
  const elsewhere = [];
  page.on('request', (request) => request.url().startsWith(server.url) || elsewhere.push(request.url()));
  page.on('dialog', (dialog) => elsewhere.push(dialog.message()));
  await visitor.open();
  const chat = await visitor.start({ name: ATTACKS[0] });
  server.activate(chat, ATTACKS[2]);
  for (const text of ATTACKS) {
    server.say(chat, text);
    await visitor.write(text);
  }
  server.system(chat, 'transferred', ATTACKS[3]);
  await page.locator('.item.agent').nth(ATTACKS.length - 1).waitFor();
  await visitor.until((count) => document.querySelector('webchat-window').shadowRoot.querySelectorAll('.visitor:not(.sending)').length === count, ATTACKS.length);
  assert.deepEqual(await visitor.bubbles('agent'), ATTACKS);
  assert.deepEqual(await visitor.bubbles(), ATTACKS.map((text) => text.trim()));
  assert.equal(await page.locator('#title').textContent(), ATTACKS[2]);
  const made = await page.evaluate(() => [...document.querySelector('webchat-window').shadowRoot.querySelectorAll('script, img, style, iframe, [onerror], [onload], [onmouseover], a:not([href^="http"])')].map((node) => node.outerHTML));
  assert.deepEqual(made, []);
  server.activate(chat, 'W'.repeat(80));
  await page.locator('#title', { hasText: 'WWW' }).waitFor();
  const wide = await page.evaluate(() => ['.log', '.header', '.foot'].map((part) => {
    const { scrollWidth, clientWidth } = document.querySelector('webchat-window').shadowRoot.querySelector(part);
    return scrollWidth - clientWidth;
  }));
  assert.deepEqual(wide, [0, 0, 0], 'nothing sticks out');
  server.close(chat, { text: ATTACKS[4], feedback: { text: ATTACKS[1], form: true, until: Date.now() + 1e6 } });
  await page.locator('.note', { hasText: '<img' }).waitFor();
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(visitor.problems, []);
});

test('attacks in what is configured stay text, and a colour is a colour', { timeout: 60_000 }, async () => {
  for (const colour of ['red;background:url(https://evil.example/x)', 'url(https://evil.example/x)', '#12', 'expression(alert(1))']) {
    Object.assign(server.settings, { colour, open: false, offline_form: true, out_of_time: ATTACKS[1], name: ATTACKS[0] });
    const visitor = await Visitor.arrive(browser, server);
    const elsewhere = [];
    visitor.page.on('request', (request) => request.url().startsWith(server.url) || elsewhere.push(request.url()));
    await visitor.open();
    await visitor.page.locator('h2', { hasText: '<img' }).waitFor();
    assert.equal(await visitor.launcher.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(36, 86, 200)');
    assert.deepEqual(elsewhere, []);
    await visitor.page.context().close();
  }
});

test('a strict content security policy with Trusted Types holds, and every request goes home', { timeout: 60_000 }, async () => {
  server.pages.set('/', carrying());
  const context = await browser.newContext({ locale: 'es-UY', reducedMotion: 'reduce' });
  const origins = new Set();
  context.on('request', (request) => origins.add(new URL(request.url()).origin));
  const visitor = await Visitor.arrive(browser, server, { html: null, context });
  const reports = await visitor.page.evaluate(() => {
    globalThis.reports = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => globalThis.reports.push(violatedDirective));
    return document.querySelectorAll('meta').length;
  });
  assert.ok(reports);
  const chat = await visitor.chatWith();
  await visitor.write('Hola https://andes.example');
  server.close(chat);
  await visitor.page.getByLabel('5 / 5').check();
  await visitor.save('.closing');
  assert.deepEqual(await visitor.page.evaluate(() => globalThis.reports), []);
  assert.deepEqual([...origins].filter((origin) => origin !== 'null'), [server.url]);
  assert.deepEqual(visitor.problems, []);
});

test('a page with hostile style leaves the window as it is', { timeout: 60_000 }, async () => {
  const measure = async (style) => {
    server.pages.set('/hostile.css', style);
    const html = carrying('data-campaign="1" data-language="es"', '<link rel="stylesheet" href="/demo/hostile.css">');
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, reducedMotion: 'reduce', locale: 'es-UY' });
    await context.route('**/hostile.css', (route) => route.fulfill({ contentType: 'text/css', body: style }));
    const page = { html, context, path: '/hostile' };
    server.pages.set('/hostile', html);
    const visitor = await Visitor.arrive(browser, server, page);
    await visitor.open();
    await visitor.page.locator('form').waitFor();
    const boxes = await visitor.page.evaluate(() => [...document.querySelector('webchat-window').shadowRoot.querySelectorAll('.launcher, .window, input, .main, h2, label')].map((node) => {
      const { x, y, width, height } = node.getBoundingClientRect();
      const { fontSize, color, textTransform, opacity } = getComputedStyle(node);
      return [node.className, x, y, width, height, fontSize, color, textTransform, opacity].join(' ');
    }));
    await context.close();
    return boxes;
  };
  const calm = await measure('');
  const hostile = await measure(`
    * { all: unset; font-size: 40px !important; color: red !important; text-transform: uppercase !important; line-height: 3 !important; letter-spacing: 9px !important; float: left !important }
    webchat-window { display: none !important; position: static !important; opacity: 0 !important; transform: scale(.2) !important; filter: blur(9px) !important; visibility: hidden !important }
    button, input, label, div, dialog { margin: 50px !important; padding: 50px !important; border: 9px solid lime !important; display: inline !important }`);
  assert.deepEqual(hostile, calm);
});
