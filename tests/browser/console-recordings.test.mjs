// Recordings against the real server: replayed, judged by the agent and by a supervisor, taken along, erased. And after
// an erasure no byte of the data folder, of the log and of a later export knows what was said, while the counts stay.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from './lib/test.mjs';
import { axe, launch, newPage } from './lib/browser.mjs';
import { staffPage } from './lib/console.mjs';
import { Crowd } from './lib/crowd.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const MODEL = {
  name: 'Trato',
  categories: [{ name: 'Chat', questions: [{ text: '¿Saludó?', mandatory: true, answers: [{ text: 'No', score: 0 }, { text: 'Sí', score: 10 }] }] }],
};

/** Waits until something is so. */
async function until(what, looks) {
  const late = Date.now() + 60_000;
  for (;;) {
    if (await looks()) return;
    if (Date.now() > late) throw new Error(`not in time: ${what}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** Sends a file into a chat as an agent does. */
async function sendFile(server, login, chat, name, text) {
  const { url } = server;
  const session = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify({ login, password: server.password(login) }) });
  const headers = { cookie: session.headers.get('set-cookie').split(';')[0], 'x-csrf-token': (await session.json()).csrf, origin: url };
  const sent = await fetch(`${url}/api/v1/chats/${chat}/files?key=f1&name=${name}`, { method: 'POST', headers, body: Buffer.from(text) });
  assert.equal(sent.status, 201, await sent.text());
}

/** A chat that is over, with a file, a note, an answer and a score; and who had it. */
async function talk(server, crowd, ana, name, secret) {
  const visitor = await crowd.visitor({ name, email: `${secret}@correo.example` });
  await ana.push((push) => push.push === 'chat' && push.view.chat === visitor.chat && push.view.phase.kind === 'active');
  const { chat } = visitor;
  await visitor.ask('write', { chat, key: '1', text: `Quiero devolver ${secret}` });
  await ana.ask('write', { chat, key: '2', text: `Claro, ${secret} se devuelve` });
  await sendFile(server, 'ana', chat, `${secret}.txt`, `Lista de ${secret}\n`);
  await ana.ask('note', { chat, key: '3', text: `nota ${secret}` });
  await ana.ask('close', { chat, disposition: [secret] });
  await visitor.ask('feedback', { chat, score: 4, note: `bien ${secret}` });
  return { visitor, chat };
}

async function centre(t) {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { model } = await admin('POST', '/quality-models', MODEL);
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, offer_timeout: 0, agent_cap: 5, when_empty: 'admit', quality_model: model, retention_days: 30, dispositions: [], files: { ...settings.files, allowed: true } });
  const crowd = new Crowd(t, server);
  return { server, admin, crowd, ana: await crowd.agent('ana') };
}

test('a recording is replayed, judged by the agent and by a supervisor, and taken along with progress', async (t) => {
  const { server, admin, crowd, ana } = await centre(t);
  const { chat } = await talk(server, crowd, ana, 'Lucía', 'zapatillas');
  await talk(server, crowd, ana, '=Pedro', 'sandalias');
  await ana.ask('evaluate', { chat, model: 1, answers: [1] });

  const page = await staffPage(t, browser, server, 'floor/recordings', { acceptDownloads: true });
  await page.getByLabel('Score').selectOption('4');
  await page.getByLabel('How it ended').selectOption('agent_closed');
  await page.getByRole('button', { name: 'Lucía' }).click();
  const reading = page.getByRole('dialog');
  await reading.getByText('Quiero devolver zapatillas').waitFor();
  const lines = reading.locator('.past-lines li');
  const all = await lines.count();
  assert.ok(all >= 3);
  const [sent] = await Promise.all([page.waitForEvent('download'), reading.getByRole('link', { name: /^zapatillas\.txt/ }).click()]);
  assert.equal(await readFile(await sent.path(), 'utf8'), 'Lista de zapatillas\n');

  // From the beginning: what was said later comes later.
  const place = reading.getByRole('slider', { name: 'Place in the chat' });
  await place.evaluate((range) => {
    range.value = '0';
    range.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await until('the first lines alone', async () => (await lines.count()) < all);
  await reading.getByLabel('Speed').selectOption('16');
  await reading.getByRole('button', { name: 'Replay' }).click();
  await until('all lines again', async () => (await lines.count()) === all);
  await reading.getByRole('button', { name: 'Show all' }).click();

  // A supervisor sees it otherwise than the agent did.
  await reading.getByRole('button', { name: 'Evaluate' }).click();
  const judging = reading.getByRole('form', { name: 'Evaluate an agent’s part' });
  await judging.getByRole('button', { name: 'Save evaluation' }).click();
  await judging.getByText('An answer is needed').waitFor();
  await judging.getByLabel('No', { exact: true }).check();
  assert.deepEqual(await axe(page), [], 'judging');
  await judging.getByRole('button', { name: 'Save evaluation' }).click();
  await reading.getByText('0 / 10', { exact: true }).waitFor();
  await reading.getByText('10 / 10', { exact: true }).waitFor();
  await reading.getByText('answered by Sofía Rey about Ana').or(reading.getByText(/answered by Sof.* about/)).first().waitFor();
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/reading.png` });
  assert.deepEqual(await axe(page), [], 'reading');
  const report = await admin('GET', `/reports?from=${Date.now() - 3_600_000}&to=${Date.now() + 3_600_000}`);
  assert.deepEqual([report.total.quality_by_agent.percent, report.total.quality_by_others.percent], [100, 0]);
  await page.keyboard.press('Escape');

  // Who may erase is an administrator.
  assert.equal(await page.getByRole('button', { name: 'Erase this visitor’s data' }).count(), 0);
  await page.getByText('How long recordings are kept').click();
  await page.getByRole('row').filter({ hasText: '30 days' }).first().waitFor();

  // Each format; what is for the visitor has no notes.
  await page.getByRole('button', { name: 'Export' }).click();
  const exporting = page.getByRole('dialog');
  await exporting.getByText('2 chats fit.').waitFor();
  assert.deepEqual(await axe(page), [], 'exporting');
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/exporting.png` });
  const take = async (format, audience) => {
    await exporting.getByLabel(format).check();
    await exporting.getByLabel(audience).check();
    const downloading = page.waitForEvent('download');
    await exporting.getByRole('button', { name: 'Export' }).click();
    const download = await downloading;
    await page.getByText('Exported: 2').first().waitFor();
    const text = await readFile(await download.path(), 'utf8');
    await page.getByRole('button', { name: 'Export' }).click();
    await exporting.getByText('2 chats fit.').waitFor();
    return text;
  };
  const staff = JSON.parse(await take('JSON', 'Us'));
  assert.equal(staff.format, 'webchat-recordings/1');
  assert.deepEqual(staff.chats.map((told) => told.notes[0].text).sort(), ['nota sandalias', 'nota zapatillas']);
  const csv = await take('CSV', 'The visitor');
  assert.ok(csv.includes(`"'=Pedro"`) && !csv.includes('nota zapatillas'), csv);
  const printed = await take('A page to print', 'The visitor');
  assert.ok(printed.includes('Quiero devolver zapatillas') && !printed.includes('nota '), printed);
  const paper = await newPage(browser, { viewport: { width: 900, height: 1100 } });
  t.after(() => paper.context().close());
  await paper.setContent(printed);
  assert.equal(await paper.locator('article').count(), 2);
  if (process.env.PICTURES) await paper.screenshot({ path: `${process.env.PICTURES}/printed.png` });
  assert.deepEqual(await axe(paper), [], 'on paper');
});

/** All bytes of all files in a folder. */
async function everyByte(folder) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Promise.all(files.map(async (name) => ({ name, bytes: await readFile(name) })));
}

/** Which of the files hold a word in any way text is kept here. */
async function holding(folder, secret) {
  const forms = [Buffer.from(secret), Buffer.from(secret.toUpperCase()), Buffer.from(secret, 'utf16le'), Buffer.from(Buffer.from(secret).toString('base64').replaceAll('=', '').slice(0, -1))];
  return (await everyByte(folder)).filter(({ bytes }) => forms.some((form) => bytes.includes(form))).map(({ name }) => name);
}

test('after an erasure no byte of the data folder, the log or a later export holds what was said, and the counts stay', async (t) => {
  const { server, admin, crowd, ana } = await centre(t);
  const secret = 'ornitorrinco';
  const { chat } = await talk(server, crowd, ana, `Visitante ${secret}`, secret);
  const other = await talk(server, crowd, ana, 'Otra', 'cordones');
  await ana.ask('evaluate', { chat, model: 1, answers: [1] });
  const found = async (text) => (await admin('GET', `/recordings?text=${text}`)).chats.length;
  assert.equal(await found(secret), 1);
  const interval = `from=${Date.now() - 3_600_000}&to=${Date.now() + 3_600_000}`;
  const report = async () => {
    const { campaigns, agents, hours } = await admin('GET', `/reports?${interval}`);
    // Time goes on, and agents with it.
    for (const agent of agents) for (const figure of ['signed_in', 'busy', 'ready', 'away', 'occupancy', 'concurrency']) delete agent[figure];
    return { campaigns, agents, hours };
  };
  const counted = await report();
  assert.ok((await holding(server.folder, secret)).length > 0, 'the search finds what is there');

  const page = await staffPage(t, browser, server, 'floor/recordings', { login: 'admin' });
  await page.getByLabel('Said').fill(secret);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Visitante ${secret}` }).click();
  const reading = page.getByRole('dialog');
  await reading.getByRole('button', { name: 'Erase this visitor’s data' }).click();
  const erasing = reading.getByRole('region', { name: 'Erase what this visitor said' });
  await erasing.getByText(/Chats: 1 · messages: \d+ · internal notes: 1/).waitFor();
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/erasing.png` });
  assert.deepEqual(await axe(page), [], 'erasing');
  await erasing.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByText('Chats erased: 1').first().waitFor();
  await reading.getByText('What was said was erased.').waitFor();
  await page.keyboard.press('Escape');

  // The tombstone is found by everything but words.
  assert.equal(await found(secret), 0);
  const tombstone = await admin('GET', `/recordings/${chat}`);
  assert.ok(tombstone.erased_at);
  assert.equal(tombstone.feedback.score, 4);
  assert.deepEqual(tombstone.evaluations[0].score, { points: 10, most: 10 });
  await until('both files are written anew', async () => (await holding(server.folder, secret)).length === 0);
  assert.deepEqual(await report(), counted, 'the counts stay');
  const exported = await admin('GET', '/recordings/export');
  assert.ok(!JSON.stringify(exported).includes(secret) && JSON.stringify(exported).includes('cordones'));
  assert.ok(exported.chats.some((told) => told.chat === chat && told.erased_at));

  // Nor after a stop and a start, nor in anything the server has said to its log.
  await server.stop();
  assert.deepEqual(await holding(server.folder, secret), []);
  assert.ok(!server.log.includes(secret), 'the log');
  await server.start();
  const again = await server.signIn('admin');
  assert.equal((await again('GET', `/recordings?text=${secret}`)).chats.length, 0);
  assert.equal((await again('GET', '/recordings?text=cordones')).chats[0].chat, other.chat);
  assert.deepEqual(await holding(server.folder, secret), []);
});
