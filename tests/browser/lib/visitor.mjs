// One visitor's browser page with the widget on it, and the words tests need to use it.
import { once } from 'node:events';
import { newPage } from './browser.mjs';
import { within } from './wait.mjs';

/** A page that carries the widget the way a shop would. `tag` is what stands on the script tag. */
export const carrying = (tag = 'data-campaign="1" data-language="es"', more = '') =>
  `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Shop</title><meta name="viewport" content="width=device-width, initial-scale=1"><script src="/widget.js" ${tag} async></script>${more}</head><body><main><h1>Shop</h1><button>Buy</button></main></body></html>`;

export class Visitor {
  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('../mock/visitor-server.mjs').VisitorServer} server
   */
  static async arrive(browser, server, { path = '/', html = carrying(), context, before, ...options } = {}) {
    if (html) server.pages.set(path, html);
    const page = context ? await context.newPage() : await newPage(browser, { reducedMotion: 'reduce', ...options });
    await before?.(page);
    page.setDefaultTimeout(30_000);
    const visitor = new Visitor(page, server);
    await page.goto(server.url + path);
    await visitor.launcher.waitFor();
    return visitor;
  }

  constructor(page, server) {
    this.page = page;
    this.server = server;
    this.problems = [];
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (line) => /Content Security|TrustedHTML|Refused/.test(line.text()) && this.problems.push(line.text()));
    this.widget = page.locator('webchat-window');
    this.launcher = page.locator('.launcher');
    this.field = page.locator('.row textarea');
    this.log = page.locator('.log');
  }

  async open() {
    await this.launcher.click();
  }

  /** Sends the form before the chat and resolves with the server's side of the new chat. */
  async start({ name = 'Lucía', email, extra } = {}) {
    await this.page.locator('input[name=name]').fill(name);
    if (email) await this.page.locator('input[name=email]').fill(email);
    if (extra) await this.page.locator('input[name=extra]').fill(extra);
    const [[chat]] = await Promise.all([within(once(this.server, 'chat'), 'the start of a chat'), this.page.locator('form .main').click()]);
    await this.field.waitFor();
    return chat;
  }

  /** Opens the window, starts a chat and has an agent answer it. */
  async chatWith(agent = 'Ana') {
    await this.open();
    const chat = await this.start();
    this.server.activate(chat, agent);
    await this.page.getByText('En línea').waitFor();
    return chat;
  }

  async write(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** Saves the conversation from the part of the window given. */
  async save(part = '.foot') {
    await this.page.locator(`${part} button`, { hasText: 'Transcripción' }).click();
    await this.page.locator('.keep button', { hasText: 'Descargar' }).click();
  }

  /** Texts of the bubbles, oldest first. */
  bubbles(kind = 'visitor') {
    return this.page.locator(`.item.${kind} p`).allTextContents();
  }

  /** Waits until `what` answers true in the page. */
  until(what, argument) {
    return this.page.waitForFunction(what, argument);
  }

  /** What the live region was told, each once. Call before the change. */
  async listen() {
    await this.page.evaluate(() => {
      const live = document.querySelector('webchat-window').shadowRoot.querySelector('[role=log]');
      globalThis.spoken = [];
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) globalThis.spoken.push(node.textContent);
      }).observe(live, { childList: true });
    });
    return () => this.page.evaluate(() => globalThis.spoken);
  }
}
