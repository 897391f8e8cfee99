// The administrator's pages: campaigns, their settings and members, users.
import { after, before, test } from './lib/test.mjs';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { axe, launch } from './lib/browser.mjs';
import { openConsole, signIn } from './lib/console.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** The administration with Rosa at it, on one of its pages. */
async function administration(t, path = '', options) {
  const { mock, page } = await openConsole(t, browser, options);
  await signIn(page, 'root');
  await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
  if (path) await page.evaluate(to => (location.hash = to), `#/${path}`);
  return { mock, page };
}

const save = page => page.getByRole('button', { name: 'Save' }).click();

test('an agent has no way into the administration', async t => {
  const { page } = await openConsole(t, browser);
  await signIn(page);
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  assert.deepEqual(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents(), ['Desk']);
  await page.evaluate(() => (location.hash = '#/users'));
  await page.getByText('There is nothing for your role here yet.').waitFor();
});

test('the list tells the state of each campaign in words', async t => {
  const { mock, page } = await administration(t);
  mock.campaigns[1].open = false;
  mock.addCampaign({ name: 'Old' }).settings.enabled = false;
  mock.arrive({ name: 'María' });
  await page.getByRole('row', { name: /Old.*Off/ }).waitFor({ timeout: 15_000 });
  await page.getByRole('row', { name: /Sales Open nocall · rrmemory 1 0/ }).waitFor();
  await page.getByRole('row', { name: /Support Out of schedule/ }).waitFor();
});

test('a new campaign is sent whole, with every setting the server knows and no other', async t => {
  const { mock, page } = await administration(t);
  await page.getByRole('button', { name: 'New campaign' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Billing');
  await page.getByRole('textbox', { name: 'Colour', exact: true }).fill('#c2561a');
  await page.getByLabel('Who may get a chat').selectOption('omni');
  await page.getByLabel('Time out').fill('300');
  await page.getByText('= 5:00').first().waitFor();
  await page.getByLabel('Welcome').fill('Hola');
  await page.getByRole('group', { name: 'Texts in' }).getByRole('button', { name: /English/ }).click();
  await page.getByLabel('Welcome').fill('Hello');
  await save(page);
  await page.getByRole('heading', { name: 'Billing' }).waitFor();
  assert.match(page.url(), /#\/campaigns\/3$/);
  const { saved } = mock;
  assert.deepEqual([saved.name, saved.colour, saved.mode, saved.time_out, saved.welcome], ['Billing', '#c2561a', 'omni', 300, { es: 'Hola', en: 'Hello' }]);
  const source = await readFile(new URL('../../webchat-core/src/campaign/draft.rs', import.meta.url), 'utf8');
  const fields = struct => [...new RegExp(`pub struct ${struct} \\{(.*?)\\n\\}`, 's').exec(source)[1].matchAll(/^ {4}pub (\w+):/gm)].map(m => m[1]);
  assert.deepEqual(Object.keys(saved).sort(), fields('CampaignDraft').sort());
  assert.deepEqual(Object.keys(saved.extra_field).sort(), fields('ExtraFieldDraft').sort());
});

test('settings are changed, saved as a whole, and untouched ones stay as they were', async t => {
  const { mock, page } = await administration(t);
  mock.campaigns[0].settings.feedback = { es: 'Gracias', fr: 'Merci' };
  const before = structuredClone(mock.campaigns[0].settings);
  await page.getByRole('link', { name: 'Sales' }).click();
  await page.getByLabel('Maximum interactions per agent').fill('5');
  await page.getByRole('switch', { name: 'Show agent’s name' }).click();
  await page.getByLabel('Alias').fill('Equipo');
  await page.getByRole('switch', { name: 'Visible' }).click();
  await page.getByRole('switch', { name: 'Required', exact: true }).click();
  await page.getByLabel('Label').fill('Teléfono');
  await page.getByLabel('Allowed domains').fill('shop.example\n*.shop.example\n');
  await page.getByLabel('Dispositions', { exact: true }).fill('Sale > Card\nNo interest');
  await page.getByText('Unsaved changes').waitFor();
  await save(page);
  await page.locator('.notice').getByText('Saved').waitFor();
  assert.deepEqual(mock.saved, {
    ...before, agent_cap: 5, show_agent_name: false, alias: { es: 'Equipo' }, extra_field: { visible: true, required: true, label: { es: 'Teléfono' }, pattern: '' },
    allowed_domains: ['shop.example', '*.shop.example'], dispositions: [['Sale', 'Card'], ['No interest']],
  });
  await page.getByText('No changes').waitFor();
});

test('weekly hours are written by day, with dates that differ', async t => {
  const { mock, page } = await administration(t, 'campaigns/1');
  await page.getByRole('button', { name: 'Weekly hours' }).click();
  await page.getByLabel('Time zone').fill('America/Montevideo');
  await page.getByLabel('Monday, From').fill('830');
  await page.getByLabel('Monday, To').fill('12');
  await page.getByLabel('Monday, To').press('Tab');
  await page.getByRole('button', { name: 'Add hours on Monday' }).click();
  await page.getByLabel('Monday, From').nth(1).fill('14:00');
  await page.getByLabel('Monday, To').nth(1).fill('24:00');
  await page.getByRole('button', { name: 'Remove Friday 09:00–18:00' }).click();
  await page.getByRole('button', { name: 'Add a date' }).click();
  await page.getByLabel('Date', { exact: true }).fill('2026-12-25');
  await page.getByLabel('What it is').fill('Christmas');
  await page.getByLabel('At closing time').selectOption('drain');
  await save(page);
  await page.locator('.notice').getByText('Saved').waitFor();
  const day = (name, start, end) => ({ day: name, start, end });
  assert.deepEqual(mock.saved.schedule, {
    always: false, zone: 'America/Montevideo',
    ranges: [day('mon', '08:30', '12:00'), day('tue', '09:00', '18:00'), day('wed', '09:00', '18:00'), day('thu', '09:00', '18:00'), day('mon', '14:00', '24:00')],
    exceptions: [{ date: '2026-12-25', ranges: [], name: 'Christmas' }],
  });
  assert.equal(mock.saved.on_close, 'drain');
});

test('what the server does not take is told at the setting, and the summary leads there', async t => {
  const { mock, page } = await administration(t, 'campaigns/1');
  await page.getByLabel('Time out').fill('-5');
  await page.getByRole('button', { name: 'Weekly hours' }).click();
  await page.getByLabel('Allowed domains').fill('shop.example\nhttps://shop.example/contact');
  mock.problems = [
    { field: 'name', value: 'Sales', expected: 'a name no other campaign has' }, { field: 'time_out', value: '-5', expected: '0 (off) to 31622400 seconds' },
    { field: 'welcome.pt', value: 'x', expected: 'at most 4000 characters' }, { field: 'schedule.ranges[1].start', value: '9', expected: 'a time from 00:00 to 23:59' },
    { field: 'allowed_domains[1]', value: 'https://shop.example/contact', expected: 'a host without path' },
  ];
  await save(page);
  const summary = page.getByRole('alert').filter({ hasText: '5 settings need another value' });
  await summary.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'problems');
  for (const [label, text] of [['Name', 'Another campaign has this name'], ['Time out', 'A whole number from 0 to 31622400'], ['Welcome', 'At most 4000 characters']]) {
    const control = page.getByLabel(label, { exact: true });
    assert.equal(await control.getAttribute('aria-invalid'), 'true');
    const described = await control.getAttribute('aria-describedby');
    const said = await page.evaluate(ids => ids.split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' '), described);
    assert.ok(said.includes(text), `${label}: ${said}`);
  }
  assert.equal(await page.getByLabel('Tuesday, From').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('Monday, From').getAttribute('aria-invalid'), null);
  assert.equal(await page.getByRole('group', { name: 'Texts in' }).getByRole('button', { pressed: true }).innerText().then(text => text.split('\n')[0].trim()), 'Português');
  await summary.getByRole('link', { name: 'Time out' }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'setting-time_out');
  await page.getByLabel('Time out').fill('300');
  await page.getByRole('alert').filter({ hasText: '4 settings need another value' }).waitFor();
  assert.equal(await page.getByLabel('Time out').getAttribute('aria-invalid'), null);
});

test('what is no number is told before anything is sent', async t => {
  const { mock, page } = await administration(t, 'campaigns/1');
  await page.getByLabel('ACD').fill('ten');
  await save(page);
  await page.getByText('A whole number from 0 to 1000000').waitFor();
  assert.equal(mock.saved, undefined);
});

test('a setting that is taken but probably not meant is remarked', async t => {
  const { mock, page } = await administration(t, 'campaigns/1');
  mock.warnings = [{ field: 'allowed_domains', code: 'any_site', text: 'no domains are listed, so any site can carry the window' }];
  await page.getByLabel('Weight').fill('7');
  await save(page);
  await page.locator('.notice').getByText('Saved, with 1 remark').waitFor();
  await page.getByText('No domains are listed, so any site can carry the window.').waitFor();
});

test('changes not saved survive a look elsewhere, and can be discarded', async t => {
  const { page } = await administration(t, 'campaigns/1');
  await page.getByLabel('Weight').fill('7');
  await page.getByRole('link', { name: 'Campaigns' }).first().click();
  await page.getByRole('row', { name: /Sales Unsaved/ }).waitFor();
  await page.getByRole('link', { name: 'Sales' }).click();
  assert.equal(await page.getByLabel('Weight').inputValue(), '7');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  assert.equal(await page.getByLabel('Weight').inputValue(), '0');
});

test('a campaign with chats is not deleted, one without is, after a question', async t => {
  const { mock, page } = await administration(t, 'campaigns/1');
  const chat = mock.arrive({});
  const remove = async () => {
    await page.getByRole('button', { name: 'Delete campaign' }).click();
    await page.getByRole('dialog', { name: 'Delete Sales?' }).getByRole('button', { name: 'Delete campaign' }).click();
  };
  await remove();
  await page.locator('.notice').getByText('The campaign has chats at present').waitFor();
  mock.end(chat, 'visitor_left');
  await remove();
  await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
  await page.getByRole('link', { name: 'Sales' }).waitFor({ state: 'detached' });
  assert.deepEqual(mock.campaigns.map(c => c.name), ['Support']);
});

test('members are added, ordered, given penalties and skills, by keyboard too', async t => {
  const { mock, page } = await administration(t, 'campaigns/1/members');
  await page.getByRole('heading', { name: 'Nobody is a member yet' }).waitFor();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Every agent is a member.').waitFor();
  await page.getByLabel('Penalty: Ana Ferreira').fill('3');
  await page.getByLabel('Skills: Bruno Silva').fill('pt, es , pt');
  await page.getByRole('button', { name: 'Move Bruno Silva up' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('row').nth(1).getByText('Bruno Silva').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'up-2');
  await page.getByText('Bruno Silva is now number 1').waitFor({ state: 'attached' });
  await save(page);
  await page.locator('.notice').getByText('Saved').waitFor();
  assert.deepEqual(mock.campaigns[0].members, [{ agent: 2, penalty: 0, skills: ['pt', 'es'] }, { agent: 1, penalty: 3, skills: [] }]);
  await page.getByLabel('Penalty: Ana Ferreira').fill('101');
  await save(page);
  await page.getByText('A whole number from 0 to 100').waitFor();
  await page.getByLabel('Penalty: Ana Ferreira').fill('100');
  await page.getByRole('button', { name: 'Remove Bruno Silva' }).click();
  await save(page);
  await page.getByText('No changes').waitFor();
  assert.deepEqual(mock.campaigns[0].members, [{ agent: 1, penalty: 100, skills: [] }]);
});

test('users are made, changed, shut out and deleted; wrong fields are told in place', async t => {
  const { mock, page } = await administration(t, 'users');
  await page.getByRole('button', { name: 'New user' }).click();
  await save(page);
  assert.equal(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid'), 'true');
  await page.getByLabel('Name', { exact: true }).fill('Carla Núñez');
  await page.getByLabel('User name').fill('ana');
  await page.getByLabel('Password').fill('long enough');
  await page.getByLabel('Role').selectOption('supervisor');
  await page.getByRole('switch', { name: 'Part of a voice campaign' }).click();
  await save(page);
  await page.getByText('A user name nobody has yet, without blanks').waitFor();
  await page.getByLabel('User name').fill('carla');
  await save(page);
  await page.getByRole('row', { name: /Carla Núñez carla Supervisor Active/ }).waitFor();
  const carla = mock.users.find(u => u.login === 'carla');
  assert.deepEqual([carla.role, carla.password, carla.voice], ['supervisor', 'long enough', true]);
  await page.getByRole('button', { name: 'Edit Carla Núñez' }).click();
  await page.getByRole('switch', { name: 'Disabled' }).click();
  await save(page);
  await page.getByRole('row', { name: /Carla Núñez carla Supervisor Disabled/ }).waitFor();
  assert.equal(carla.password, 'long enough');
  await page.getByRole('button', { name: 'Edit Carla Núñez' }).click();
  await page.getByRole('button', { name: 'Delete user' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('row', { name: /Carla/ }).waitFor({ state: 'detached' });
  assert.equal(mock.users.length, 3);
});

for (const colorScheme of ['light', 'dark']) {
  test(`the administration passes axe in ${colorScheme}`, async t => {
    const { mock, page } = await administration(t, '', { colorScheme });
    mock.campaigns[0].members = [{ agent: 1, penalty: 0, skills: ['es'] }, { agent: 2, penalty: 2, skills: [] }];
    mock.users[1].voice = false;
    assert.deepEqual(await axe(page), [], 'list');
    await page.getByRole('link', { name: 'Sales' }).click();
    await page.getByRole('button', { name: 'Weekly hours' }).click();
    await page.getByRole('button', { name: 'Add a date' }).click();
    await page.getByRole('switch', { name: 'Visible' }).click();
    assert.deepEqual(await axe(page), [], 'settings');
    mock.problems = [{ field: 'schedule.ranges[0].start', expected: '' }, { field: 'extra_field.label', expected: '' }, { field: 'colour', expected: '' }, { field: 'dispositions[0]', expected: '' }];
    await save(page);
    await page.getByText('4 settings need another value').waitFor();
    assert.deepEqual(await axe(page), [], 'problems');
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('button', { name: 'Move Bruno Silva up' }).waitFor();
    assert.deepEqual(await axe(page), [], 'members');
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('button', { name: 'Edit Ana Ferreira' }).click();
    assert.deepEqual(await axe(page), [], 'user');
  });
}
