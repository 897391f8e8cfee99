// The console on a telephone and at twice the size, in the languages with the longest words, against the real server: no
// page scrolls sideways, nothing is in the way of somebody who cannot see it, and what is opened by keyboard gives it back.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { axe, launch } from './lib/browser.mjs';
import { staffPage } from './lib/console.mjs';
import { Crowd } from './lib/crowd.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A server with chats that wait, go on and are over. */
async function busy(t) {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, acd: 2, agent_cap: 1, answer_within: 20, target_percent: 80, when_empty: 'admit', dispositions: [] });
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  await crowd.visitors(4, (i) => ({ name: `Maximiliana da Conceição Vasconcelos ${i}`, email: `maximiliana.vasconcelos.${i}@correo.example` }));
  const { view } = await ana.push((push) => push.push === 'chat' && push.view.phase.kind === 'active');
  await ana.ask('close', { chat: view.chat });
  return server;
}

/** What each page of the floor and of the administration is opened by, and shows once it is there. */
const FLOOR = [['floor/wallboard', '.tile .chart'], ['floor/chats', '.live-body .live-row'], ['floor/agents', '.people'], ['floor/members/1', '.members table'], ['floor/recordings', 'tbody button'], ['floor/reports', 'table'], ['floor/audit', '.floor-body select'], ['canned', '.save-bar']];
const ADMINISTRATION = [['campaigns', 'tbody a'], ['campaigns/1', '.settings'], ['campaigns/1/history', '.changes'], ['campaigns/1/members', 'table'], ['quality', '.page-head'], ['users', 'table'], ['mail', '.empty'], ['webhooks', '.empty'], ['tenant', '.save-bar'], ['members', '.seat-lists']];

for (const [what, viewport, locale, colorScheme] of [
  ['on a telephone, in Spanish', { width: 390, height: 844 }, 'es-UY', 'light'],
  ['on a telephone, in Portuguese and in the dark', { width: 390, height: 844 }, 'pt-BR', 'dark'],
  ['at 200 %, in Portuguese', { width: 720, height: 450 }, 'pt-BR', 'light'],
]) {
  test(`no page scrolls sideways and all pass axe ${what}`, async (t) => {
    const server = await busy(t);
    for (const [login, pages] of [['sofia', FLOOR], ['admin', ADMINISTRATION]]) {
      const page = await staffPage(t, browser, server, pages[0][0], { login, viewport, locale, colorScheme });
      for (const [path, shown] of pages) {
        await page.evaluate((hash) => (location.hash = hash), `#/${path}`);
        await page.locator(shown).first().waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width, path);
        assert.deepEqual(await axe(page), [], path);
        // The page one is on is in sight among its neighbours.
        const tab = page.locator('.floor-head [aria-current]');
        if (await tab.count()) assert.ok(await tab.evaluate((link) => link.getBoundingClientRect().left >= 0 && link.getBoundingClientRect().right <= innerWidth + 1), `${path}: its name`);
      }
    }
  });
}

test('a chat that is watched has a telephone’s screen to itself, and the keyboard goes back to its row', async (t) => {
  const server = await busy(t);
  const page = await staffPage(t, browser, server, 'floor/chats', { viewport: { width: 390, height: 844 } });
  // Rows come a few in each frame: only when all are there the last one stays the last.
  const watch = page.getByRole('button', { name: /^Watch the chat with/ });
  await watch.nth(2).focus();
  const name = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await page.keyboard.press('Enter');
  const pane = page.locator('.watch');
  await pane.waitFor();
  await page.locator('.live-frame').waitFor({ state: 'hidden' });
  assert.ok(await pane.getByRole('textbox').isVisible());
  await pane.locator('.conversation-head button').focus();
  await page.keyboard.press('Enter');
  await pane.waitFor({ state: 'detached' });
  await page.waitForFunction((name) => document.activeElement?.getAttribute('aria-label') === name, name);
});
