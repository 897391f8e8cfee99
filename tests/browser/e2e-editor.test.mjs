// The campaign editor at the real server: a campaign made from nothing that works on somebody's site, the preview, the
// hours painted by mouse and keyboard, what a visitor would get, the history, and two who edit at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, launch } from './lib/browser.mjs';
import { staffPage } from './lib/console.mjs';
import { agentAtDesk, ask, campaign } from './lib/people.mjs';
import { Server } from './lib/server.mjs';
import { site } from './lib/site.mjs';
import { Visitor } from './lib/visitor.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const patience = { timeout: 200_000 };

/** An administrator on a page of the console. */
const administrator = (t, server, path, options) => staffPage(t, browser, server, path, { login: 'admin', viewport: { width: 1440, height: 1000 }, ...options });

const save = (page) => page.getByRole('button', { name: 'Save' }).click();
const saved = (page) => page.getByText('No changes').waitFor();

test('a campaign made from nothing is embedded in a site it allows, a visitor chats there, and a third site is refused', patience, async (t) => {
  const server = await Server.demo(t);
  const [shop, stranger] = [await site(t), await site(t)];
  const page = await administrator(t, server, 'campaigns');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'New campaign' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Tienda');
  await page.getByLabel('Default language').selectOption('es');
  await page.getByLabel('Welcome').fill('Bienvenida a la tienda');
  await page.getByLabel('Allowed domains').fill(new URL(shop.url).host);
  await save(page);
  await page.getByRole('heading', { name: 'Tienda' }).waitFor();
  await page.getByText('Nobody is a member, so no chat is ever answered.').waitFor();

  await page.getByRole('link', { name: 'Members', exact: true }).last().click();
  await page.getByLabel('Add a member').selectOption({ label: 'Ana Pereira' });
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await save(page);
  await saved(page);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('region', { name: 'Embed code' }).getByRole('button', { name: 'Copy' }).click();
  await page.locator('.notice').getByText('Copied').waitFor();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(code, new RegExp(`^<script src="${server.url}/widget.js" data-campaign="\\d+" async></script>$`));

  const ana = await agentAtDesk(t, browser, server, 'ana');
  for (const one of [shop, stranger]) one.carry(code);
  const visitor = await Visitor.arrive(browser, shop, { html: null, locale: 'es' });
  t.after(() => visitor.page.context().close());
  await visitor.open();
  await ask(visitor, 'Lucía');
  await visitor.log.getByText('Bienvenida a la tienda').waitFor();
  await visitor.write('¿Tienen botas?');
  await ana.getByText('¿Tienen botas?').first().waitFor();
  assert.deepEqual(visitor.problems, []);

  const foreign = await Visitor.arrive(browser, stranger, { html: null, locale: 'es' });
  t.after(() => foreign.page.context().close());
  await foreign.open();
  await foreign.page.getByRole('heading', { name: 'Chat no disponible aquí' }).waitFor();
});

test('the preview is the real window with the draft: colour, language, texts and required fields, unsaved', patience, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id } = await campaign(admin, { name: 'Ensayo', default_language: 'es', allowed_domains: ['shop.example'], welcome: { es: 'Hola', pt: 'Olá' }, out_of_time: { pt: 'Fechado' } });
  const page = await administrator(t, server, `campaigns/${id}`);
  const preview = page.getByRole('complementary', { name: 'Preview' });
  const window = page.frameLocator('iframe[title="Preview"]');
  const show = (scene) => preview.getByRole('button', { name: scene, exact: true }).click();
  await window.getByText('¿En qué podemos ayudarle?').waitFor();
  await window.getByLabel('Correo electrónico (opcional)').waitFor();
  await page.getByRole('switch', { name: 'Enable email' }).click();
  await window.getByLabel('Correo electrónico', { exact: true }).waitFor();
  await page.getByRole('textbox', { name: 'Colour', exact: true }).fill('#c2561a');
  await page.waitForFunction(() => document.querySelector('iframe')?.contentDocument?.querySelector('webchat-window')?.shadowRoot?.querySelector('.root')?.style.getPropertyValue('--c') === '#c2561a');
  await preview.getByRole('button', { name: 'Português' }).click();
  await window.getByText('Como podemos ajudar?').waitFor();
  await page.getByLabel('Welcome').fill('Olá, tudo bem?');
  await show('Chat');
  await window.getByText('Olá, tudo bem?').waitFor();
  await page.getByRole('switch', { name: 'Show agent’s name' }).click();
  await page.getByLabel('Alias').fill('Equipe');
  await window.locator('#title').getByText('Equipe').waitFor();
  await show('Out of time');
  await window.getByRole('heading', { name: 'Fechado' }).waitFor();
  await show('Ended');
  await window.getByRole('heading', { name: 'Chat encerrado' }).waitFor();
  await page.getByRole('textbox', { name: 'Colour', exact: true }).fill('orange');
  await preview.getByText('Not shown as long as they are not valid: Colour').waitFor();
  const { settings } = await admin('GET', `/campaigns/${id}`);
  assert.deepEqual([settings.colour, settings.welcome.pt, settings.require_email], ['#0b6bcb', 'Olá', false], 'nothing was saved');
});

test('hours are painted by mouse and by keyboard, dates come from a calendar file, and the check tells what a visitor would get', patience, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id } = await campaign(admin, { name: 'Horario', allowed_domains: ['shop.example'], out_of_time: { es: 'Cerrado' }, welcome: { es: 'Hola' } });
  const page = await administrator(t, server, `campaigns/${id}`);
  await page.getByRole('button', { name: 'Weekly hours' }).click();
  await page.getByLabel('Time zone').fill('America/Montevideo');
  const grid = page.getByRole('grid', { name: 'Opening hours by the half hour' });
  const cell = (day, time) => grid.getByRole('gridcell', { name: new RegExp(`^${day} ${time},`) });
  await grid.scrollIntoViewIfNeeded();
  // By mouse: Saturday and Sunday from 10:00 to 13:00.
  await cell('Saturday', '10:00').hover();
  await page.mouse.down();
  await cell('Sunday', '12:30').hover();
  await page.mouse.up();
  await cell('Sunday', '12:30').and(page.locator('[aria-label$="open"]')).waitFor();
  // By keyboard: close Friday from 15:00 on.
  await cell('Friday', '15:00').press('Shift+End');
  await page.keyboard.press('Space');
  await cell('Friday', '15:00').and(page.locator('[aria-label$="closed"]')).waitFor();

  const calendar = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//EN', 'BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20291225', 'SUMMARY:Navidad', 'END:VEVENT', 'BEGIN:VEVENT', 'DTSTART:20290401T100000Z', 'DTEND:20290401T110000Z', 'SUMMARY:Reunión', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
  const choose = (text) => page.locator('input[type=file]').setInputFiles({ name: 'holidays.ics', mimeType: 'text/calendar', buffer: Buffer.from(text) });
  await choose('no calendar');
  await page.getByText('BEGIN:VCALENDAR on line 1').waitFor();
  await choose(calendar);
  await page.getByText('1 date added.').waitFor();
  await page.getByText('line 8 (Reunión): an event with a time of day').waitFor();

  const check = page.locator('.visit');
  const look = async (at, ...texts) => {
    await check.getByLabel('Date and time').fill(at);
    await check.getByRole('button', { name: 'Look' }).click();
    for (const text of texts) await check.getByText(text).first().waitFor();
  };
  await look('2029-12-25T10:00', 'Out of schedule', 'Cerrado', 'Opens Wednesday');
  await look('2029-12-28T14:59', 'Hola', 'Closes Friday');
  await look('2029-12-28T15:00', 'Out of schedule', 'Opens Saturday');
  await save(page);
  await saved(page);
  const { schedule } = (await admin('GET', `/campaigns/${id}`)).settings;
  const of = (day) => schedule.ranges.filter((range) => range.day === day).map(({ start, end }) => `${start}-${end}`);
  assert.deepEqual([of('thu'), of('fri'), of('sat'), of('sun')], [['09:00-18:00'], ['09:00-15:00'], ['10:00-13:00'], ['10:00-13:00']]);
  assert.deepEqual(schedule.exceptions, [{ date: '2029-12-25', ranges: [], name: 'Navidad' }]);
});

test('two who edit at once: the second sees who changed what, merges, and the history brings a state back', patience, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { id, change } = await campaign(admin, { name: 'Dos', allowed_domains: ['shop.example'] });
  const page = await administrator(t, server, `campaigns/${id}`);
  await page.getByLabel('Max chats').fill('9');
  await page.getByLabel('Weight').fill('7');
  await change({ max_chats: 5, welcome: { es: 'Hola' } });
  await save(page);
  const dialog = page.getByRole('dialog', { name: 'Somebody else changed this campaign' });
  await dialog.getByRole('row', { name: /Max chats 0 5/ }).waitFor();
  await dialog.getByRole('row', { name: /Welcome · es empty Hola/ }).waitFor();
  await dialog.getByRole('button', { name: 'Merge and look' }).click();
  assert.equal(await page.getByLabel('Max chats').inputValue(), '9');
  assert.equal(await page.getByLabel('Welcome').inputValue(), 'Hola');
  await save(page);
  await saved(page);
  const read = async () => (await admin('GET', `/campaigns/${id}`)).settings;
  let now = await read();
  assert.deepEqual([now.max_chats, now.weight, now.welcome], [9, 7, { es: 'Hola' }]);

  // Overwritten on purpose, the next time.
  await page.getByLabel('Weight').fill('8');
  await change({ weight: 1, time_out: 60 });
  await save(page);
  await dialog.getByRole('button', { name: 'Overwrite with mine' }).click();
  await saved(page);
  now = await read();
  assert.deepEqual([now.weight, now.time_out], [8, 0]);

  await page.getByRole('link', { name: 'History', exact: true }).click();
  const entries = page.locator('.history > li');
  await entries.nth(4).waitFor();
  await entries.first().getByRole('row', { name: /Weight 1 8/ }).waitFor();
  assert.equal(await entries.first().locator('strong').innerText(), (await admin('GET', '/users')).find((user) => user.login === 'admin').name);
  await page.getByRole('button', { name: 'Put back change 1' }).click();
  await page.locator('.notice').getByText('These are the settings of change 1.').waitFor();
  await page.getByText('Unsaved changes').waitFor();
  await save(page);
  await saved(page);
  now = await read();
  assert.deepEqual([now.max_chats, now.weight, now.welcome], [0, 0, {}]);
});

test('several agents join several campaigns in one go', patience, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const ids = [];
  for (const name of ['Norte', 'Sur']) ids.push((await campaign(admin, { name })).id);
  const page = await administrator(t, server, 'campaigns');
  await page.getByRole('link', { name: 'Members', exact: true }).click();
  const pick = (group, name) => page.getByRole('group', { name: group }).getByLabel(name).check();
  await pick('Campaigns', /^Norte/);
  await pick('Campaigns', /^Sur/);
  await pick('Agents', /^Ana/);
  await page.getByText('2 campaigns, 1 agents picked').waitFor();
  await page.getByRole('button', { name: 'Add to the campaigns' }).click();
  await page.locator('.notice').getByText('2 campaigns changed').waitFor();
  const members = async () => Promise.all(ids.map(async (id) => (await admin('GET', `/campaigns/${id}/members`)).length));
  assert.deepEqual(await members(), [1, 1]);
  await page.getByRole('button', { name: 'Remove from the campaigns' }).click();
  await page.getByRole('group', { name: 'Campaigns' }).getByText('0 members').nth(1).waitFor();
  assert.deepEqual(await members(), [0, 0]);
});

for (const colorScheme of ['light', 'dark']) {
  test(`the editor passes axe in ${colorScheme}`, patience, async (t) => {
    const server = await Server.demo(t);
    const admin = await server.signIn('admin');
    const { id, change } = await campaign(admin, { name: 'Ejes', schedule: { always: false, zone: 'UTC', ranges: [{ day: 'mon', start: '22:00', end: '02:15' }], exceptions: [] } });
    await change({ max_chats: 5 });
    const page = await administrator(t, server, `campaigns/${id}`, { colorScheme });
    await page.frameLocator('iframe[title="Preview"]').locator('webchat-window .hero, webchat-window .say').first().waitFor();
    await page.locator('.visit').getByRole('button', { name: 'Look' }).click();
    await page.locator('.visit .answer').waitFor();
    assert.deepEqual(await axe(page), [], 'settings');
    for (const [link, there] of [['History', '.history'], ['Campaigns', '.table']]) {
      await page.getByRole('link', { name: link, exact: true }).first().click();
      await page.locator(there).first().waitFor();
      assert.deepEqual(await axe(page), [], link);
    }
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await page.locator('.seat-lists').waitFor();
    assert.deepEqual(await axe(page), [], 'members of several');
  });
}
