// The reports page against the real server: the same numbers as the API, by campaign and by agent, by the hour, and to
// take along.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from './lib/test.mjs';
import { axe, launch, newPage } from './lib/browser.mjs';
import { staffPage } from './lib/console.mjs';
import { Crowd } from './lib/crowd.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A campaign with a name a spreadsheet would run, three visitors answered, one turned away, one score. */
async function busy(t) {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, name: '=Ventas', max_chats: 1, time_out: 0, when_empty: 'admit', answer_within: 600, agent_cap: 3 });
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  const visitors = await crowd.visitors(4, (i) => ({ name: `Visitante ${i}` }));
  assert.ok(visitors.every((visitor) => visitor.chat));
  // They come at once, so which of them waits is not known before.
  const { view } = await ana.push((push) => push.push === 'chat' && push.view.phase.kind === 'active');
  await ana.ask('write', { chat: view.chat, key: 'a', text: 'Hola' });
  await ana.ask('close', { chat: view.chat, disposition: ['sale'] }).catch(() => ana.ask('close', { chat: view.chat }));
  const late = await crowd.visitors(3, () => ({ name: 'Tarde' }));
  return { server, admin, crowd, refused: late.filter((visitor) => visitor.refused).length };
}

/** The cell of a row under a column. */
async function cell(page, row, column) {
  const heads = await page.locator('.report-table thead th').allTextContents();
  const place = heads.indexOf(column);
  assert.ok(place > 0, `${column} in ${heads}`);
  return page.locator('.report-table tbody tr').filter({ has: page.getByRole('rowheader', { name: row, exact: true }) }).locator('td').nth(place - 1).textContent();
}

test('figures by campaign, by agent and by the hour are those of the API, in three languages and without barriers', async (t) => {
  const { server, admin } = await busy(t);
  const page = await staffPage(t, browser, server, 'floor/reports');
  await page.locator('.report-table').waitFor();
  const today = await page.getByLabel('From').inputValue();
  const day = await page.getByLabel('Up to and including').inputValue();
  assert.ok(today < day);
  const zone = 'America/Montevideo';
  const next = new Date(`${day}T00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  const api = await admin('GET', `/reports?from=${today}&to=${next.toISOString().slice(0, 10)}&zone=${zone}`);
  const row = api.campaigns.find(({ campaign }) => campaign === 1);
  assert.ok(row.offered >= 4 && row.answered >= 3);
  for (const [column, figure] of [['Offered', row.offered], ['Answered', row.answered], ['Waiting', row.waiting], ['Abandoned', row.abandoned]]) assert.equal(await cell(page, '=Ventas', column), String(figure), column);
  assert.equal(await cell(page, '=Ventas', 'Service level'), '100 %');
  assert.equal(await cell(page, '=Ventas', 'Feedback'), 'no data', 'nothing measured is no data, never 0');
  const refused = Object.values(row.refused).reduce((sum, count) => sum + count, 0);
  assert.match(await cell(page, '=Ventas', 'Refused'), new RegExp(`^${refused}`));

  // The hours add up to the same.
  const heat = page.locator('.heat-table');
  const cells = await heat.locator('tbody td').allTextContents();
  assert.equal(cells.reduce((sum, text) => sum + Number(text || 0), 0), api.total.offered);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/reports.png` });
  assert.deepEqual(await axe(page), [], 'by campaign');

  await page.getByRole('button', { name: 'By agent' }).click();
  const ana = api.agents.find(({ answered }) => answered > 0);
  assert.equal(await cell(page, ana.name, 'Answered'), String(ana.answered));
  assert.deepEqual(await axe(page), [], 'by agent');

  // An interval in which nothing happened says so, and a long one is shown by day of the week.
  await page.getByRole('button', { name: 'Last month' }).click();
  await page.getByRole('status').filter({ hasText: 'Nothing happened in this time.' }).waitFor();
  await page.getByLabel('From').fill(`${Number(day.slice(0, 4)) - 1}-01-01`);
  await page.getByLabel('Up to and including').fill(day);
  await page.getByRole('heading', { name: 'By day of the week and hour, added up' }).waitFor();
  assert.equal(await heat.locator('tbody tr').count(), 7);
  await page.getByLabel('What is shown').selectOption('service_level');
  await heat.locator('td', { hasText: '100' }).first().waitFor();
  assert.deepEqual(await axe(page), [], 'by day of the week');

  for (const [language, word] of [['es-UY', 'Nivel de servicio'], ['pt-BR', 'Nível de serviço']]) {
    const other = await supervisorIn(t, server, language);
    await other.locator('.report-table thead th', { hasText: word }).first().waitFor();
    if (process.env.PICTURES) await other.screenshot({ path: `${process.env.PICTURES}/reports-${language}.png` });
    assert.deepEqual(await axe(other), [], language);
  }
});

async function supervisorIn(t, server, locale) {
  const page = await newPage(browser, { viewport: { width: 1100, height: 800 }, reducedMotion: 'reduce', locale, colorScheme: 'dark' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/#/floor/reports`);
  await page.locator('input[autocomplete=username]').fill('sofia');
  await page.locator('input[type=password]').fill(server.password('sofia'));
  await page.keyboard.press('Enter');
  return page;
}

test('a table taken along as CSV holds the same numbers, and nothing a spreadsheet would run', async (t) => {
  const { server } = await busy(t);
  const page = await staffPage(t, browser, server, 'floor/reports');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), 'campaigns.csv');
  const text = await readFile(await download.path(), 'utf8');
  const [head, first] = text.replace('\u{feff}', '').split('\r\n').map((line) => line.split(',').map((part) => part.replaceAll('"', '')));
  assert.equal(first[head.indexOf('name')], "'=Ventas");
  assert.equal(first[head.indexOf('offered')], await cell(page, '=Ventas', 'Offered'));
});
