// The page to try the interface: every route of the description has its form, nothing comes from elsewhere, and what is
// sent is answered.
import assert from 'node:assert/strict';
import { axe, launch, newPage } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';
import { after, before, test } from './lib/test.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const CALENDAR = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20250101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n';

for (const [colorScheme, width] of [['light', 1280], ['dark', 390]]) {
  test(`each route is described and can be tried, ${colorScheme}, ${width} wide`, async (t) => {
    const server = await Server.demo(t);
    const page = await newPage(browser, { colorScheme, viewport: { width, height: 900 } });
    t.after(() => page.context().close());
    const wrong = [];
    page.on('request', (request) => request.url().startsWith(server.url) || wrong.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', ({ blockedURI }) => console.assert(false, blockedURI)));
    page.on('console', (said) => said.type() === 'assert' && wrong.push(said.text()));

    await page.goto(`${server.url}/api/#get_campaigns_id`);
    const route = (id) => page.locator(`details#${id}`);
    const description = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
    await route('get_campaigns_id').locator('form').waitFor();
    const all = Object.values(description.paths).flatMap(Object.values);
    assert.equal(await page.locator('section > details').count(), all.length);
    assert.match(await page.locator('#who').textContent(), /Nobody is signed in/);

    const send = async (id) => {
      await route(id).getByRole('button', { name: 'Send' }).click();
      return route(id).locator('output b').textContent();
    };
    await route('get_campaigns_id').getByLabel('id').fill('1');
    assert.match(await send('get_campaigns_id'), /^401 /);
    await route('post_session').locator('summary').first().click();
    await route('post_session').getByLabel('Body').fill(JSON.stringify({ login: 'admin', password: server.password('admin') }));
    assert.match(await send('post_session'), /^200 /);
    await page.locator('#who', { hasText: 'Asking as Administrator, administrator.' }).waitFor();
    await route('get_campaigns_id').getByRole('button', { name: 'Send' }).click();
    await route('get_campaigns_id').locator('pre', { hasText: '"answer_within"' }).waitFor();

    // What is taken and answered unfolds, down to what each setting does.
    await route('get_campaigns_id').getByText('Answers 200').click();
    await route('get_campaigns_id').locator('.shape summary', { hasText: 'settings' }).click();
    await route('get_campaigns_id').getByText('Alarm when this many chats wait; 0 (default) is off.').waitFor();
    await route('get_recordings').locator('summary').click();
    await route('get_recordings').getByLabel('reason').selectOption('timed_out');
    assert.match(await send('get_recordings'), /^200 /);
    await route('post_closed_dates').locator('summary').click();
    await route('post_closed_dates').getByLabel('File').setInputFiles({ name: 'days.ics', mimeType: 'text/calendar', buffer: Buffer.from(CALENDAR) });
    assert.match(await send('post_closed_dates'), /^200 /);
    await route('get_agent').locator('summary').click();
    await route('get_agent').getByText('A WebSocket').waitFor();

    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is cut off');
    assert.deepEqual(await axe(page), []);
    await page.getByLabel('Find').fill('delete campaigns');
    assert.deepEqual(await page.locator('section > details:visible summary code').allTextContents(), ['/api/v1/campaigns/{id}', '/api/v1/campaigns/{id}/identity']);
    assert.deepEqual(wrong, []);
  });
}
