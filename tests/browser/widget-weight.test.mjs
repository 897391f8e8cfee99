// What the window costs the page that carries it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { launch } from './lib/browser.mjs';
import { Visitor, carrying } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

const WIDGET = fileURLToPath(new URL('../../webchat-http/assets/widget/widget.js', import.meta.url));

let browser, server;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

test('widget.js is at most 10,240 bytes gzipped, three languages included', async () => {
  const source = await readFile(WIDGET);
  const { length } = gzipSync(source, { level: 9 });
  assert.ok(length <= 10_240, `${length} bytes`);
  for (const text of ['Iniciar chat', 'Start chat', 'Encerrar chat']) assert.ok(source.includes(text), text);
});

test('a call costs at most 5,632 bytes gzipped on screen and 3,072 for its connection, and nothing before it begins', async () => {
  const part = async (name) => readFile(new URL(`modules/${name}.js`, `file://${WIDGET}`));
  const packed = async (name) => gzipSync(await part(name), { level: 9 }).length;
  for (const [name, most] of [['call', 5_632], ['peer', 3_072], ['ring', 1_100]]) assert.ok((await packed(name)) <= most, `${name}.js: ${await packed(name)} bytes`);
  for (const source of [await readFile(WIDGET), await part('ring')]) assert.doesNotMatch(String(source), /RTCPeerConnection|getUserMedia|^import/m);
});

test('the source never parses text as markup or code', async () => {
  const source = await readFile(WIDGET, 'utf8');
  assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|createContextualFragment/);
});

test('the page does not move', { timeout: 60_000 }, async () => {
  const page = await browser.newPage({ locale: 'es-UY', viewport: { width: 1100, height: 780 } });
  await page.addInitScript(() => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(`${server.url}/demo/shop.html`);
  const visitor = new Visitor(page, server);
  await visitor.launcher.waitFor();
  await visitor.open();
  await visitor.start();
  await visitor.page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => globalThis.shift), 0);
});

test('the script takes less than 50 ms on a processor four times slower', { timeout: 120_000 }, async () => {
  server.pages.set('/', carrying());
  // Whatever else the machine does only adds to the time: the best of some loads is the nearest to the truth.
  let best = Infinity;
  for (let i = 0; i < 8 && best >= 50; i++) {
    const page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto(server.url);
    await page.locator('.launcher').waitFor();
    const { metrics } = await devtools.send('Performance.getMetrics');
    best = Math.min(best, metrics.find(({ name }) => name === 'ScriptDuration').value * 1000);
    await page.close();
  }
  assert.ok(best < 50, `${best} ms`);
});

test('the types fit what the element does', { timeout: 60_000 }, async () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', 'widget-types.ts'], { cwd: here });
  const methods = [...(await readFile(WIDGET, 'utf8')).matchAll(/^\t\t(\w+)\(.*\) {$/gm)].map(([, name]) => name).filter((name) => !name.endsWith('Callback'));
  assert.deepEqual(methods, ['open', 'close', 'setLanguage', 'identify']);
});
