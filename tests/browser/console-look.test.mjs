// What can be checked of the console's looks: no accessibility violation in any state, light and dark, and nothing
// cut off on a smaller screen. And that its scripts keep the types they declare.
import { after, before, test } from './lib/test.mjs';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { axe, launch } from './lib/browser.mjs';
import { busy } from './lib/busy-desk.mjs';
import { desk, openConsole, signIn } from './lib/console.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const colorScheme of ['light', 'dark']) {
  test(`the sign-in page and the empty desk pass axe in ${colorScheme}`, async t => {
    const { page } = await openConsole(t, browser, { colorScheme });
    await page.getByLabel('User name').waitFor();
    assert.deepEqual(await axe(page), []);
    await signIn(page, 'ana', 'nonsense');
    await page.getByText('The user name or the password is wrong.').waitFor();
    assert.deepEqual(await axe(page), []);
    await page.getByLabel('Password').fill('secret-1');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
    assert.deepEqual(await axe(page), []);
  });

  test(`a busy desk and all that opens on it pass axe in ${colorScheme}`, async t => {
    const { mock, page } = await desk(t, browser, { colorScheme });
    const { maria } = busy(mock);
    mock.addCampaign({ name: 'Billing', colour: '#c2561a', open: false, why_not: 'no_voice_campaign' });
    mock.setWhyNot(2, 'on_call');
    await page.locator('.chat-row').filter({ hasText: 'María' }).click();
    await page.getByRole('log').getByText('cuotas').waitFor();
    mock.offer(mock.arrive({ name: 'Sofía Martínez' }), 1);
    await page.getByRole('article').waitFor();
    assert.deepEqual(await axe(page), [], 'busy with an offer');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    assert.deepEqual(await axe(page), [], 'palette');
    await page.keyboard.press('Escape');
    mock.failOnce.set('take', 'already_taken');
    await page.getByRole('button', { name: 'Take Pedro' }).click();
    await page.locator('.notice').waitFor();
    assert.deepEqual(await axe(page), [], 'notice');
    await page.getByRole('button', { name: 'Transfer', exact: true }).click();
    assert.deepEqual(await axe(page), [], 'transfer');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Close chat' }).click();
    assert.deepEqual(await axe(page), [], 'close');
    await page.keyboard.press('Escape');
    for (const name of [/^Your state/, 'Settings', 'Ana Ferreira, Agent']) {
      await page.getByRole('button', { name }).click();
      assert.deepEqual(await axe(page), [], String(name));
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Internal note' }).click();
    assert.deepEqual(await axe(page), [], 'note');
    await page.getByRole('button', { name: 'Side by side' }).click();
    mock.failOnce.set('write', 'not_owner');
    await page.getByRole('textbox', { name: 'Reply to João' }).fill('a');
    await page.keyboard.press('Enter');
    await page.getByText('Not sent').waitFor();
    assert.deepEqual(await axe(page), [], 'side by side, with a failed message');
    mock.end(maria, 'visitor_gone');
    mock.down = true;
    await page.getByText('No connection. You can go on writing').first().waitFor();
    assert.deepEqual(await axe(page), [], 'offline');
  });
}

for (const [width, height] of [[1440, 900], [1024, 768], [820, 1180]]) {
  test(`at ${width} × ${height} nothing is cut off`, async t => {
    const { mock, page } = await desk(t, browser, { viewport: { width, height } });
    busy(mock);
    await page.locator('.chat-row').filter({ hasText: 'María' }).click();
    await page.getByRole('log').getByText('cuotas').waitFor();
    for (const name of ['One at a time', 'Side by side']) {
      await page.getByRole('button', { name }).click();
      const outside = await page.evaluate(() => [...document.querySelectorAll('button, textarea, a, h2')].filter(e => {
        const box = e.getBoundingClientRect();
        const scrolls = e.closest('.columns, .rail, .log, .skips, .facts');
        return box.width > 0 && !scrolls && (box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5 || box.left < -0.5);
      }).map(e => e.outerHTML.slice(0, 120)));
      assert.deepEqual(outside, []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
  });
}

test('the scripts of the console keep their types', async () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', import.meta.url));
  const project = fileURLToPath(new URL('../../webchat-http/assets/console/tsconfig.json', import.meta.url));
  await assert.doesNotReject(promisify(execFile)(tsc, ['--project', project], { cwd: here }).catch(error => {
    throw new Error(error.stdout || error.message);
  }));
});
