// Every "no" of the real server, read by visitors in three languages, and the rule of closing time seen as it happens.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { agentAtDesk, ask, campaign, hoursOn, visitorInShop } from './lib/people.mjs';
import { Network } from './lib/proxy.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const LANGUAGES = ['es', 'en', 'pt'];
const NOBODY = { es: 'Ahora no podemos atenderle', en: 'We cannot attend to you now', pt: 'Agora não podemos atender' };
const CLOSED = { es: 'Estamos cerrados', en: 'We are closed', pt: 'Estamos fechados' };
const OPENS = { es: 'Abrimos', en: 'We open', pt: 'Abrimos' };
const texts = { not_available: NOBODY, out_of_time: CLOSED, default_language: 'es', when_empty: 'admit' };

/** What the window has to say, as its heading; the next opening as the page's own clock writes it. */
async function reads(visitor, heading, opens) {
  await visitor.page.getByRole('heading', { name: heading, exact: true }).waitFor();
  if (!opens) return;
  const { at, language, word } = opens;
  const time = await visitor.page.evaluate(([at, language]) => new Date(at).toLocaleString(language, { dateStyle: 'full', timeStyle: 'short' }), [at, language]);
  await visitor.page.locator('.say .note', { hasText: `${word}: ${time}` }).waitFor();
}

test('every refusal is read in three languages', { timeout: 280_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const away = hoursOn(2);
  const closed = await campaign(admin, { name: 'Cerrada', ...texts, schedule: away.schedule });
  const disabled = await campaign(admin, { name: 'Apagada', ...texts, enabled: false });
  const foreign = await campaign(admin, { name: 'Ajena', ...texts, allowed_domains: ['shop.example'] });
  const full = await campaign(admin, { name: 'Llena', ...texts, no_waiting: true });
  const empty = await campaign(admin, { name: 'Vacía', ...texts, when_empty: 'refuse' });
  const strict = await campaign(admin, { name: 'Estricta', ...texts, require_email: true });
  const letters = await campaign(admin, { name: 'Buzón', ...texts, schedule: away.schedule, offline_message: true, offline_address: 'desk@shop.example' });
  for (const language of LANGUAGES) {
    const arrive = (of) => visitorInShop(t, browser, server, { language, campaign: of.id });
    const opens = { at: away.opens, language, word: OPENS[language] };
    // Out of time, and switched off: told before anything is asked.
    await reads(await arrive(closed), CLOSED[language], opens);
    await reads(await arrive(disabled), NOBODY[language]);
    await reads(await arrive(foreign), { es: 'Chat no disponible aquí', en: 'Chat not available here', pt: 'Chat não disponível aqui' }[language]);
    // A full queue, and nobody there: told to those who ask.
    for (const of of [full, empty]) {
      const visitor = await arrive(of);
      await ask(visitor, 'Eva');
      await reads(visitor, NOBODY[language]);
    }
    // A wrong field, which only the server finds.
    const wrong = await arrive(strict);
    await wrong.page.locator('input[name=email]').fill('eva@localhost');
    await ask(wrong, 'Eva');
    await wrong.page.getByText({ es: 'Revise este dato', en: 'Check this entry', pt: 'Verifique este dado' }[language]).waitFor();
    // Too many messages while closed.
    const writer = await arrive(letters);
    await writer.page.locator('textarea').waitFor();
    // The form may be there before the server knows who asks.
    const known = await writer.until(() => Object.values(localStorage).find((kept) => kept.includes('token')));
    const { token } = JSON.parse(await known.jsonValue());
    await writer.page.evaluate(async ([campaign, token]) => {
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/visitor?campaign=${campaign}`);
      const answered = (id) => new Promise((done) => socket.addEventListener('message', ({ data }) => JSON.parse(data).re === id && done(data)));
      await new Promise((done) => (socket.onopen = done));
      socket.send(JSON.stringify({ id: 0, do: 'hello', token, seen: 0 }));
      await answered(0);
      for (const id of [1, 2, 3, 4, 5]) {
        socket.send(JSON.stringify({ id, do: 'offline', key: `k-${id}`, name: 'Eva', email: 'eva@mail.example', text: `letter ${id}` }));
        await answered(id);
      }
      socket.close();
    }, [letters.id, token]);
    await writer.page.locator('input[name=name]').fill('Eva');
    await writer.page.locator('input[name=email]').fill('eva@mail.example');
    await writer.page.locator('textarea').fill('One more');
    await writer.page.locator('form .main').click();
    const wait = { es: /^Espere \d+ s$/, en: /^Wait \d+ s$/, pt: /^Aguarde \d+ s$/ }[language];
    await writer.page.locator('.error', { hasText: wait }).waitFor();
  }
});

test('a site that is not allowed gets no socket, and no page of it may frame the settings', async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id } = await campaign(admin, { name: 'Ajena', ...texts, allowed_domains: ['shop.example', '*.shop.example'] });
  const window = (origin) => fetch(`${server.url}/api/v1/campaigns/${id}/window`, { headers: origin ? { origin } : {} });
  for (const [origin, status] of [['https://shop.example', 200], ['https://www.shop.example', 200], ['https://evil.example', 403], ['https://shop.example.evil.example', 403], ['null', 403], [undefined, 403]]) {
    const answer = await window(origin);
    assert.equal(answer.status, status, origin);
    if (status === 200) assert.match(answer.headers.get('content-security-policy'), /frame-ancestors \S*shop\.example/);
  }
  const { WebSocket } = await import('ws');
  const refused = await new Promise((done) => new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/visitor?campaign=${id}`, { origin: 'https://evil.example' }).on('unexpected-response', (_, answer) => done(answer.statusCode)).on('open', () => done('open')));
  assert.equal(refused, 403);
});

const ENDED = { es: ['Chat finalizado', 'No enviado'], en: ['Chat ended', 'Not sent'], pt: ['Chat encerrado', 'Não enviado'] };
for (const language of LANGUAGES) {
  test(`a chat that was closed while the visitor was away says so, and what was not sent is not lost silently (${language})`, { timeout: 120_000 }, async (t) => {
    const server = await Server.demo(t);
    const network = await Network.before(t, server.port);
    const agent = await agentAtDesk(t, browser, server, 'ana');
    const visitor = await visitorInShop(t, browser, server, { language, url: network.url });
    await ask(visitor, 'Eva');
    await agent.getByRole('textbox', { name: 'Reply to Eva' }).waitFor();
    await visitor.write('Hola');
    await agent.getByText('Hola').last().waitFor();
    network.down = true;
    network.cut();
    await visitor.write('¿Sigue ahí?');
    await agent.getByRole('button', { name: /^Close/ }).first().click();
    await agent.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
    network.down = false;
    const [ended, unsent] = ENDED[language];
    await visitor.page.getByRole('heading', { name: ended }).waitFor();
    assert.deepEqual(await visitor.bubbles(), ['Hola', '¿Sigue ahí?']);
    await visitor.page.locator('.item.failed small', { hasText: unsent }).waitFor();
  });
}

test('when the clock reaches closing time, everyone who waits is told at once, and when it opens again', { timeout: 280_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id, change } = await campaign(admin, { name: 'Por cerrar', ...texts, time_out: 0 });
  const waiting = [];
  for (const language of ['es', 'pt']) {
    const visitor = await visitorInShop(t, browser, server, { language, campaign: id });
    await ask(visitor, 'Eva');
    await visitor.page.locator('.queue').waitFor();
    waiting.push({ visitor, language });
  }
  // The end is the first full minute that is at least ten seconds away, so it comes while the test looks on.
  const end = new Date(Math.ceil((Date.now() + 10_000) / 60_000) * 60_000);
  const clock = (at) => at.toISOString().slice(11, 16);
  const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  const start = new Date(end.getTime() - 120_000);
  await change({ schedule: { always: false, zone: 'UTC', ranges: [{ day: days[start.getUTCDay()], start: clock(start), end: clock(end) === '00:00' ? '24:00' : clock(end) }] } });
  const opens = start.getTime() + 7 * 86_400_000;
  for (const { visitor, language } of waiting) {
    visitor.page.setDefaultTimeout(120_000);
    assert.equal(await visitor.page.locator('.queue').isVisible(), Date.now() < end.getTime(), 'nobody is told early');
    await reads(visitor, CLOSED[language], { at: opens, language, word: OPENS[language] });
    assert.ok(Date.now() >= end.getTime());
  }
  const { waiting: left } = (await admin('GET', '/campaigns')).find(({ campaign }) => campaign === id);
  assert.equal(left, 0);
});

test('a schedule that is edited to be closed now closes those who wait, and offers them the form', { timeout: 120_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id, change } = await campaign(admin, { name: 'Cambia', ...texts, time_out: 0, offline_message: true, offline_address: 'desk@shop.example', offline_when_full: true });
  const visitor = await visitorInShop(t, browser, server, { campaign: id });
  await ask(visitor, 'Eva');
  await visitor.page.locator('.queue').waitFor();
  const away = hoursOn(3);
  await change({ schedule: away.schedule });
  await reads(visitor, CLOSED.es, { at: away.opens, language: 'es', word: 'Abrimos' });
  await visitor.page.locator('input[name=email]').fill('eva@mail.example');
  await visitor.page.locator('textarea').fill('Llámenme');
  await visitor.page.locator('form .main').click();
  await visitor.page.getByRole('heading', { name: /^Mensaje recibido: \d+$/ }).waitFor();
});
