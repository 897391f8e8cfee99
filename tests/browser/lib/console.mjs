// A console in a real browser, against the mock centre or the real server, signed in and watched for anything a page must
// not do.
import assert from 'node:assert/strict';
import { newPage } from './browser.mjs';
import { Centre } from '../mock/agent-server.mjs';

/** A centre with two agents, an administrator and two campaigns. */
async function centre() {
  const centre = await new Centre().listen();
  centre.addUser({ login: 'ana', name: 'Ana Ferreira' });
  centre.addUser({ login: 'bruno', name: 'Bruno Silva' });
  centre.addUser({ login: 'root', name: 'Rosa Duarte', role: 'administrator' });
  centre.addCampaign({ name: 'Sales', colour: '#0a7d5c' });
  centre.addCampaign({ name: 'Support', colour: '#7a3cc2', answer_within: 40, pull: true, why_not: 'pull' });
  return centre;
}

/**
 * A page that is closed when the test is over. Script errors and breaches of the content policy fail the test.
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
async function watchedPage(t, browser, options = {}) {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  page.setDefaultTimeout(30_000);
  const trouble = [];
  page.on('pageerror', error => trouble.push(String(error)));
  page.on('console', message => {
    if (/Content Security Policy|Trusted/i.test(message.text())) trouble.push(message.text());
  });
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(trouble, []);
  });
  return page;
}

/** The sign-in page of a mock centre. */
export async function openConsole(t, browser, options) {
  const mock = await centre();
  const page = await watchedPage(t, browser, options);
  t.after(() => mock.close());
  await page.goto(`${mock.url}/console/`);
  return { mock, page };
}

/**
 * A page of the real server's console, as somebody of its demo sees it.
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {import('./server.mjs').Server} server
 * @param {string} path such as `floor/chats`
 * @param {import('playwright-core').BrowserContextOptions & { login?: string }} [options]
 */
export async function staffPage(t, browser, server, path, { login = 'sofia', ...options } = {}) {
  const page = await watchedPage(t, browser, options);
  page.setDefaultTimeout(60_000);
  await page.goto(`${server.url}/console/#/${path}`);
  await signIn(page, login, server.password(login));
  await page.locator('.top-bar').waitFor();
  return page;
}

/** @param {import('playwright-core').Page} page */
export async function signIn(page, login = 'ana', password = 'secret-1') {
  await page.locator('input[autocomplete=username]').fill(login);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.keyboard.press('Enter');
}

/** A desk with Ana at it. */
export async function desk(t, browser, options) {
  const { mock, page } = await openConsole(t, browser, options);
  await signIn(page);
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  return { mock, page };
}

/** The conversation with someone. */
export const conversation = (page, name) => page.getByRole('region', { name: `Chat with ${name}` });

/** Does a command of the palette, by keyboard alone. */
export async function command(page, text) {
  await page.keyboard.press('Control+k');
  await page.locator('.palette-input').waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}
