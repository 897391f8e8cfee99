// Starts Debian's Chromium the same way for every browser test, and asks axe about a page.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Launches a headless Chromium. `CHROMIUM` names another executable than Debian's; `flags` are added to the usual ones. */
export function launch(flags = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    // A signal must end the process of the tests, as it does without a browser: the runner waits for that.
    handleSIGHUP: false,
    handleSIGINT: false,
    handleSIGTERM: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...flags,
    ],
  });
}

/**
 * Opens a context that can answer `axe(page)`, and a page in it. axe comes in as an init script, so a strict
 * content security policy of the page does not keep it out.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'America/Montevideo', ...options });
  await context.addInitScript({ content: axeSource });
  return context.newPage();
}

/**
 * Runs axe on the whole page, open shadow trees included, and returns its violations in short form:
 * an empty array is a clean page.
 * @param {import('playwright-core').Page} page
 */
export async function axe(page) {
  // Transitions would be judged by the colours they pass through.
  await page.evaluate(() => document.getAnimations().forEach((running) => running.finish()));
  const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run(document, { resultTypes: ['violations'] }));
  return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`) }));
}
