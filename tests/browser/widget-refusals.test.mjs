// Every "no" a visitor can hear, in three languages, and the message that can be left instead.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { Visitor, carrying } from './lib/visitor.mjs';
import { VisitorServer } from './mock/visitor-server.mjs';

let browser, server;
before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (server = await new VisitorServer().start()));
afterEach(() => server.stop());

const MONDAY = Date.UTC(2026, 10, 30, 12, 0); // 09:00 in Montevideo
const arrive = (language) => Visitor.arrive(browser, server, { html: carrying(`data-campaign="1" data-language="${language}"`) });

for (const [language, closed, opens, nobody, blocked] of [
  ['es', 'Atendemos de lunes a viernes de 9 a 18 h.', 'Abrimos: lunes, 30 de noviembre de 2026, 9:00', 'En este momento no hay agentes disponibles.', 'Chat no disponible aquí'],
  ['en', 'We are here Monday to Friday, 9 am to 6 pm.', 'We open: Monday, November 30, 2026 at 9:00 AM', 'No agent is available at the moment.', 'Chat not available here'],
  ['pt', 'Atendemos de segunda a sexta, das 9h às 18h.', 'Abrimos: segunda-feira, 30 de novembro de 2026 às 09:00', 'No momento não há agentes disponíveis.', 'Chat não disponível aqui'],
]) {
  test(`a campaign out of time says when it opens, in the visitor's own time (${language})`, { timeout: 60_000 }, async () => {
    Object.assign(server.settings, { open: false, next_open_at: MONDAY });
    const visitor = await arrive(language);
    await visitor.open();
    assert.equal(await visitor.page.locator('h2').textContent(), closed);
    assert.equal((await visitor.page.locator('.note').textContent()).replaceAll('\u202f', ' '), opens);
    assert.equal(await visitor.page.locator('input').count(), 0);
  });

  test(`a disabled campaign and a page that is not allowed say so (${language})`, { timeout: 60_000 }, async () => {
    server.settings.enabled = false;
    const disabled = await arrive(language);
    await disabled.open();
    assert.equal(await disabled.page.locator('h2').textContent(), nobody);
    server.allowed = false;
    const foreign = await arrive(language);
    await foreign.open();
    assert.equal(await foreign.page.locator('h2').textContent(), blocked);
    assert.equal(server.sockets.clients.size, 1, 'only the allowed page has a connection');
  });

  for (const code of ['queue_full', 'no_agents', 'disabled', 'out_of_time']) {
    test(`a newcomer refused as ${code} reads the campaign's text and can ask again (${language})`, { timeout: 60_000 }, async () => {
      const visitor = await arrive(language);
      await visitor.open();
      const spoken = await visitor.listen();
      server.refusal = { code, text: nobody, next_open_at: code === 'out_of_time' ? MONDAY : null, offline_form: false };
      await visitor.page.locator('form .main').click();
      await visitor.page.getByRole('heading', { name: nobody }).waitFor();
      assert.deepEqual((await spoken()).map((text) => text.replaceAll('\u202f', ' ')), [code === 'out_of_time' ? opens : ''].filter(Boolean), 'the heading has the focus and is not said again');
      assert.equal(await visitor.page.locator('h2').evaluate((node) => node.getRootNode().activeElement === node), true);
      server.refusal = null;
      await visitor.page.locator('.page .main').click();
      await visitor.start();
    });
  }
}

test('at closing time everyone who waits is told, and when the campaign opens again', { timeout: 60_000 }, async () => {
  const visitors = [];
  for (let i = 0; i < 2; i++) {
    const visitor = await arrive('es');
    await visitor.open();
    visitors.push([visitor, await visitor.start()]);
  }
  await visitors[1][0].page.keyboard.press('Escape');
  Object.assign(server.settings, { open: false, next_open_at: MONDAY });
  for (const [, chat] of visitors) server.close(chat, { reason: 'out_of_time', text: 'Ya cerramos por hoy.', feedback: null, next_open_at: MONDAY });
  await visitors[1][0].open();
  for (const [visitor] of visitors) {
    await visitor.page.getByRole('heading', { name: 'Ya cerramos por hoy.' }).waitFor();
    await visitor.page.locator('.note', { hasText: 'lunes, 30 de noviembre' }).waitFor();
  }
});

test('a chat that timed out while waiting is told so, an ended one with an agent keeps its conversation', { timeout: 60_000 }, async () => {
  const visitor = await arrive('es');
  await visitor.open();
  server.close(await visitor.start(), { reason: 'timed_out', text: 'No pudimos atenderle.', feedback: null });
  await visitor.page.getByRole('heading', { name: 'No pudimos atenderle.' }).waitFor();
  await visitor.page.locator('.page .main').click();
  const chat = await visitor.start();
  server.activate(chat);
  server.say(chat, 'Un momento');
  server.close(chat, { reason: 'timed_out', text: 'No pudimos atenderle.' });
  await visitor.page.getByRole('heading', { name: 'Chat finalizado' }).waitFor();
  assert.deepEqual(await visitor.bubbles('agent'), ['Un momento']);
  await visitor.page.getByText('No pudimos atenderle.').last().waitFor();
});

test('a message left while closed is received once, and its receipt is shown', { timeout: 60_000 }, async () => {
  Object.assign(server.settings, { open: false, next_open_at: MONDAY, offline_form: true });
  const visitor = await arrive('es');
  const { page } = visitor;
  await visitor.open();
  await page.locator('form .main').click();
  assert.deepEqual(await page.locator('.error').allTextContents(), ['Complete este campo', 'Complete este campo', '', 'Complete este campo']);
  await page.locator('input[name=name]').fill('Lucía');
  await page.locator('input[name=email]').fill('lucia@example.com');
  await page.locator('textarea').fill('¿Tienen la bota en 42?\nGracias');
  server.loseAnswer('offline');
  await page.locator('form .main').click();
  await page.getByRole('heading', { name: 'Mensaje recibido: R-1001' }).waitFor();
  assert.deepEqual([...server.letters.values()], [{ name: 'Lucía', email: 'lucia@example.com', extra: '', text: '¿Tienen la bota en 42?\nGracias', receipt: 'R-1001' }]);
});

test('a campaign that does not exist, and a server that answers later, are both survived', { timeout: 60_000 }, async () => {
  server.pages.set('/', carrying('data-campaign="x"'));
  const visitor = new Visitor(await (await browser.newContext({ locale: 'es-UY' })).newPage(), server);
  await visitor.page.goto(server.url);
  await visitor.open();
  await visitor.page.getByRole('heading', { name: 'Chat no disponible aquí' }).waitFor();

  server.pages.set('/', carrying());
  server.broken = true;
  await visitor.page.goto(server.url);
  await once(server, 'request');
  server.broken = false;
  await visitor.open();
  await visitor.page.locator('form').waitFor();
});
