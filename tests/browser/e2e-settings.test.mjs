// Every setting of a campaign, set through the form of the real console to the value that the tests of the interface
// observe the effect of, saved, and read back. A setting without a row, or a row without a setting, fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { FIELDS } from '../../webchat-http/assets/console/admin/fields.js';
import { launch, newPage } from './lib/browser.mjs';
import { signIn } from './lib/console.mjs';
import { Server } from './lib/server.mjs';

const rows = JSON.parse(await readFile(new URL('../../webchat-http/tests/settings/values.json', import.meta.url), 'utf8'));
const LANGUAGES = { es: 'Español', en: 'English', pt: 'Português' };

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Switches a group's texts to a language. */
const speak = (page, group, tag) => group.getByRole('group', { name: 'Texts in' }).getByRole('button', { name: new RegExp(`^${LANGUAGES[tag]}`) }).click();

/** Sets a control as a person does, by its kind. */
const set = {
  line: (page, control, value) => control.fill(value),
  email: (page, control, value) => control.fill(value),
  number: (page, control, value) => control.fill(String(value)),
  colour: (page, control, value) => control.fill(value),
  choice: (page, control, value) => control.selectOption(value),
  language: (page, control, value) => control.selectOption(value),
  quality: (page, control, value) => control.selectOption(String(value)),
  check: (page, control) => control.click(),
  addresses: (page, control, value) => control.fill(value.join('\n')),
  domains: (page, control, value) => control.fill(value.join('\n')),
  dispositions: (page, control, value) => control.fill(value.map((path) => path.join(' > ')).join('\n')),
  async texts(page, control, value) {
    for (const [tag, text] of Object.entries(value)) {
      await speak(page, page.locator('section', { has: page.locator('#section-messages') }), tag);
      await control.fill(text);
    }
  },
  async extra(page, control, value) {
    await control.getByRole('switch', { name: 'Visible' }).click();
    await control.getByRole('switch', { name: 'Required' }).click();
    for (const [tag, text] of Object.entries(value.label)) {
      await speak(page, control, tag);
      await control.getByLabel('Label').fill(text);
    }
    await control.getByLabel('Pattern').fill(value.pattern);
  },
  async files(page, control, value) {
    await control.getByRole('switch', { name: 'Allowed' }).click();
    for (const kind of ['Documents', 'Plain text']) await control.getByRole('switch', { name: kind }).click();
    await control.getByLabel('Largest file').fill(String(value.max_kib));
  },
  async schedule(page, control, value) {
    await control.getByRole('button', { name: 'Weekly hours' }).click();
    await control.getByLabel('Time zone').fill(value.zone);
    for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']) await control.getByRole('button', { name: `Remove ${day} 09:00–18:00` }).click();
    await control.getByRole('button', { name: 'Add hours on Sunday' }).click();
    await control.getByRole('button', { name: 'Add a date' }).click();
    const [exception] = value.exceptions;
    await control.getByLabel('Date', { exact: true }).fill(exception.date);
    await control.getByLabel('What it is').fill(exception.name);
    await control.getByRole('button', { name: `Add hours: ${exception.name}` }).click();
    await control.getByLabel(`${exception.name}, From`).fill(exception.ranges[0].start);
    await control.getByLabel(`${exception.name}, To`).fill(exception.ranges[0].end);
  },
};

test('every setting is set through the form, saved, and read back', { timeout: 280_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const answers = [{ text: 'yes', score: 1 }, { text: 'no', score: 0 }];
  await admin('POST', '/quality-models', { name: 'Service', categories: [{ name: 'Result', questions: [{ text: 'Solved?', mandatory: true, answers }] }] });
  const { campaign: first } = await admin('POST', '/campaigns', { name: 'Blank', default_language: 'es' });
  const blank = (await admin('GET', `/campaigns/${first}`)).settings;
  assert.deepEqual(Object.keys(rows).sort(), Object.keys(blank).sort(), 'a row for each setting');
  assert.deepEqual(FIELDS.map((field) => field.name).sort(), Object.keys(blank).sort(), 'a control for each setting');

  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/`);
  await signIn(page, 'admin', server.password('admin'));
  await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
  for (const { name, kind } of FIELDS) {
    const row = rows[name];
    const before = { ...blank, ...row.with, name: `Row ${name}` };
    const { campaign } = await admin('POST', '/campaigns', before);
    await page.evaluate((to) => (location.hash = to), `#/campaigns/${campaign}`);
    await page.getByRole('heading', { name: `Row ${name}` }).waitFor();
    await set[kind](page, page.locator(`#setting-${name}`), row.value);
    // The server keeps no address of a form that is off, so it is written together with it.
    if (name === 'offline_message') await page.locator('#setting-offline_address').fill(row.with.offline_address);
    const [answer] = await Promise.all([page.waitForResponse((got) => got.request().method() === 'PUT'), page.getByRole('button', { name: 'Save' }).click()]);
    assert.equal(answer.status(), 200, `${name}: ${await answer.text()}`);
    await page.getByText('No changes').waitFor();
    const { settings } = await admin('GET', `/campaigns/${campaign}`);
    assert.deepEqual(settings[name], row.value, name);
    // The values left out of a draft are those of the server, so nothing else moves but what was written in passing.
    const moved = Object.keys(settings).filter((other) => other !== name && JSON.stringify(settings[other]) !== JSON.stringify(before[other]));
    assert.deepEqual(moved.filter((other) => !(other in (row.with ?? {}))), [], name);
  }
});
