// Hostile text in every place that takes text, against the real server: in the window and in the console it stays text.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { agentAtDesk, ask, campaign, hoursOn, visitorInShop } from './lib/people.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const SCRIPT = '<script>alert(1)</script>';
const IMAGE = '<img src=https://evil.example/x onerror=alert(1)>';
const SVG = '"><svg/onload=alert(1)>';
const STYLE = '<style>*{display:none!important}</style>';
const BIDI = '\u202Etxt.exe\u202C \u2066\u202Egnp.exe';
const TWINS = 'Аndes Outdооr'; // Cyrillic А and о
const TALL = 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢'.repeat(20);
const TEMPLATE = '{{constructor.constructor("alert(1)")()}} ${alert(1)}';
/** An address in a foreign alphabet that passes for a known one is shown by its true name. */
const shown = (text) => (text.startsWith('https://а') ? new URL(text).href : text);
const ALL = [SCRIPT, IMAGE, SVG, STYLE, BIDI, TWINS, TALL, TEMPLATE, 'javascript:alert(1)', 'https://а.example/\u202Egpj.exe', 'a'.repeat(3000)];

/** Notes every dialog, every request to elsewhere and every breach of a policy. */
function watch(page, home) {
  const breaches = [];
  page.on('dialog', (dialog) => {
    breaches.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => /^(https?|wss?):/.test(request.url()) && !request.url().startsWith(home) && breaches.push(request.url()));
  page.on('pageerror', (error) => breaches.push(error.message));
  page.on('console', (line) => /Content Security|TrustedHTML|Refused/.test(line.text()) && breaches.push(line.text()));
  return breaches;
}

/** Elements that only an attack could have made. */
const strangers = (page) => page.evaluate(() => {
  const found = [];
  const look = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (node.matches('img[src*=evil], iframe, object, embed, [onerror], [onload], a[href^="javascript:"], a[href^="data:"]') || (node.matches('script, style') && /alert|display:none!/.test(node.textContent))) found.push(node.outerHTML);
    }
  };
  look(document.body);
  return found;
});

/** How far something sticks out sideways. */
const wide = (page, parts) => page.evaluate((parts) => parts.map((part) => {
  const root = document.querySelector('webchat-window')?.shadowRoot ?? document;
  const node = root.querySelector(part);
  return node ? node.scrollWidth - node.clientWidth : 0;
}), parts);

test('attacks in name, e-mail, extra field, message, wording and canned text stay text on both sides', { timeout: 240_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id } = await campaign(admin, {
    name: IMAGE, default_language: 'es', welcome: { es: SCRIPT }, automatic: { es: SVG }, feedback: { es: STYLE },
    extra_field: { visible: true, required: false, label: { es: SVG }, pattern: '' },
  }, ['ana']);
  await admin('PUT', `/campaigns/${id}/canned`, { responses: [{ shortcut: 'hack', texts: { es: IMAGE } }] });
  const agent = await agentAtDesk(t, browser, server, 'ana');
  const agentSaw = watch(agent, server.url);
  const visitor = await visitorInShop(t, browser, server, { campaign: id, viewport: { width: 1000, height: 760 } });
  const visitorSaw = watch(visitor.page, server.url);
  await visitor.page.locator('label', { hasText: SVG }).waitFor();
  await visitor.page.locator('input[name=extra]').fill(IMAGE);
  // The strictest address that is one and looks like none.
  await visitor.page.locator('input[name=email]').fill("'img/src=x'@evil.example");
  await ask(visitor, SCRIPT);
  await visitor.field.waitFor();
  const reply = agent.getByRole('textbox', { name: `Reply to ${SCRIPT}` });
  await reply.waitFor();
  for (const text of ALL) {
    await visitor.write(text);
    await reply.fill(text);
    await reply.press('Enter');
  }
  await visitor.until((count) => {
    const root = document.querySelector('webchat-window').shadowRoot;
    return root.querySelectorAll('.item.visitor:not(.sending)').length === count && root.querySelectorAll('.item.agent').length >= count;
  }, ALL.length);
  const bubbles = await visitor.bubbles();
  assert.deepEqual(bubbles, ALL.map(shown));
  const fromAgent = await visitor.bubbles('agent');
  for (const text of [SVG, ...ALL.map(shown)]) assert.ok(fromAgent.includes(text), text);
  await visitor.page.locator('.item.bot p, .item.system p', { hasText: SCRIPT }).first().waitFor();
  const atDesk = await agent.getByRole('log').locator('.bubble').allTextContents();
  for (const text of ALL) assert.ok(atDesk.filter((other) => other === text).length >= 2, text);
  await agent.getByRole('complementary').getByText(IMAGE).first().waitFor();

  assert.deepEqual(await wide(visitor.page, ['.log', '.header', '.foot', '.window']), [0, 0, 0, 0], 'nothing sticks out of the window');
  assert.deepEqual(await wide(agent, ['.log', '.facts', 'body']), [0, 0, 0], 'nothing sticks out at the desk');
  await agent.getByRole('button', { name: /^Close/ }).first().click();
  await agent.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
  await visitor.page.locator('.note', { hasText: '<style>' }).waitFor();
  await visitor.page.locator('.star').nth(0).click();
  await visitor.page.locator('.closing textarea').fill(SCRIPT);
  await visitor.page.locator('.closing form .main').click();
  await visitor.page.getByRole('heading', { name: '¡Gracias!' }).waitFor();
  for (const page of [visitor.page, agent]) assert.deepEqual(await strangers(page), []);
  assert.deepEqual(visitorSaw, []);
  assert.deepEqual(agentSaw, []);
});

test('attacks in what is said while closed stay text, and no colour but a colour is taken', { timeout: 120_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  for (const colour of ['red;background:url(https://evil.example/x)', 'url(https://evil.example)', '#12', '#12345g', 'expression(alert(1))']) {
    await assert.rejects(admin('POST', '/campaigns', { name: 'Bunt', colour }), /422.*colour/s);
  }
  const { id } = await campaign(admin, { name: TALL.slice(0, 80), default_language: 'es', out_of_time: { es: IMAGE }, schedule: hoursOn(2).schedule, offline_message: true, offline_address: 'desk@shop.example' });
  const visitor = await visitorInShop(t, browser, server, { campaign: id });
  const saw = watch(visitor.page, server.url);
  await visitor.page.getByRole('heading', { name: IMAGE }).waitFor();
  await visitor.page.locator('input[name=name]').fill(SVG);
  await visitor.page.locator('input[name=email]').fill('eva@mail.example');
  await visitor.page.locator('textarea').fill(SCRIPT);
  await visitor.page.locator('form .main').click();
  await visitor.page.getByRole('heading', { name: /^Mensaje recibido/ }).waitFor();
  assert.deepEqual(await strangers(visitor.page), []);
  assert.deepEqual(saw, []);
});
