// Visitors on the demo shop and agents at the console, against the real server.
import { newPage } from './browser.mjs';
import { signIn } from './console.mjs';
import { Visitor } from './visitor.mjs';

/** An agent at the desk, available; `before` may prepare the page before it is opened. */
export async function agentAtDesk(t, browser, server, login, { language = 'en-GB', before, ...options } = {}) {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', locale: language, ...options });
  await before?.(page);
  page.setDefaultTimeout(60_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/`);
  await signIn(page, login, server.password(login));
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  return page;
}

/** A visitor on the demo shop with the window open; `url` goes through a proxy instead of straight to the server. */
export async function visitorInShop(t, browser, server, { language = 'es', campaign = 1, url = server.url, open = true, ...options } = {}) {
  const path = `/demo/?language=${language}&campaign=${campaign}`;
  const visitor = await Visitor.arrive(browser, { url }, { path, html: null, ...options });
  visitor.page.setDefaultTimeout(60_000);
  if (!options.context) t.after(() => visitor.page.context().close());
  if (open) await visitor.open();
  return visitor;
}

/** Fills in the form before the chat and sends it. */
export async function ask(visitor, name) {
  await visitor.page.locator('input[name=name]').fill(name);
  await visitor.page.locator('form .main').click();
}

/** Makes a campaign of its own for a test, with these members, and returns its number and a way to change it. */
export async function campaign(admin, settings, members = []) {
  const { campaign: id } = await admin('POST', '/campaigns', settings);
  const known = await admin('GET', '/users');
  const agents = members.map((login) => ({ agent: known.find((user) => user.login === login).agent, penalty: 0, skills: [] }));
  await admin('PUT', `/campaigns/${id}/members`, agents);
  const change = async (edit) => {
    const { settings } = await admin('GET', `/campaigns/${id}`);
    await admin('PUT', `/campaigns/${id}`, { ...settings, ...edit });
  };
  return { id, change };
}

/** Opening hours on one day of the week only, `days` days from now in UTC. */
export function hoursOn(days) {
  const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  const opens = new Date();
  opens.setUTCDate(opens.getUTCDate() + days);
  opens.setUTCHours(9, 0, 0, 0);
  return { opens: opens.getTime(), schedule: { always: false, zone: 'UTC', ranges: [{ day: names[opens.getUTCDay()], start: '09:00', end: '18:00' }] } };
}
