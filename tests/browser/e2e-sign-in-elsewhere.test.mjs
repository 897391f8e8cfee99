// Signing in to the console through a real OpenID Connect provider, and what is told when it cannot be done.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { axe, launch, newPage } from './lib/browser.mjs';
import { signIn } from './lib/console.mjs';
import { provider } from './lib/provider.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The demo with a provider at which these people have an account; whoever has the login of somebody here is that user. */
async function centre(t, people) {
  const secret = 'a secret that both ends know';
  const server = await Server.make(t);
  const there = await provider(t, { back: `${server.url}/api/v1/session/provider/return`, secret, people });
  await server.settings(`
    public_url = "${server.url}"
    [sign_in]
    issuer = "${there.url}"
    client_id = "webchat"
    client_secret = "${secret}"
    name = "Example login"
    link_logins = true
    role_claim = "groups"
    roles = { "chat-agents" = "agent", "chat-admins" = "administrator" }
  `);
  await server.start();
  return server;
}

/** Signs in at the provider, where the page has been sent. */
async function signInThere(page, login) {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('whatever');
  await page.locator('button[type=submit]').click();
}

async function visit(t, server) {
  const page = await newPage(browser, { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/`);
  return page;
}

/** A page of somebody who comes through the provider. */
async function comes(t, server, login) {
  const page = await visit(t, server);
  await page.getByRole('button', { name: 'Sign in with Example login' }).click();
  await signInThere(page, login);
  await page.getByRole('button', { name: 'Continue' }).click();
  return page;
}

test('an agent and an administrator come in with their account elsewhere, and a stranger does not', async (t) => {
  const people = {
    eva: { name: 'Eva Luna', groups: ['chat-agents'] },
    rosa: { name: 'Rosa Duarte', groups: ['staff', 'chat-admins'] },
    otto: { name: 'Otto', groups: ['staff'] },
  };
  const server = await centre(t, people);

  const eva = await comes(t, server, 'eva');
  await eva.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await eva.getByRole('button', { name: 'Eva Luna, Agent' }).waitFor();
  assert.equal(new URL(eva.url()).search, '');
  await eva.reload();
  await eva.getByRole('button', { name: 'Eva Luna, Agent' }).waitFor();
  const rosa = await comes(t, server, 'rosa');
  await rosa.getByRole('heading', { name: 'Campaigns' }).waitFor();

  const otto = await comes(t, server, 'otto');
  await otto.getByText('You have no role here yet. Ask an administrator.').waitFor();
  assert.equal(new URL(otto.url()).search, '', 'a reload does not tell it again');
  assert.deepEqual(await axe(otto), []);
  // The password of an account here still opens it.
  await signIn(otto, 'ana', server.password('ana'));
  await otto.getByRole('heading', { name: 'No chats right now' }).waitFor();
});

test('where one is signed in is shown, and ended once the password was given', async (t) => {
  const server = await centre(t, { ana: { name: 'Ana', groups: ['chat-agents'] } });
  const forgotten = await visit(t, server);
  await signIn(forgotten, 'ana', server.password('ana'));
  await forgotten.getByRole('heading', { name: 'No chats right now' }).waitFor();

  // The provider does not say how long ago it was asked who she is.
  const here = await comes(t, server, 'ana');
  await here.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await here.getByRole('button', { name: /, Agent$/ }).click();
  await here.getByRole('menuitem', { name: 'Your sessions' }).click();
  const sessions = here.getByRole('dialog', { name: 'Your sessions' }).getByRole('listitem');
  await sessions.filter({ hasText: 'this one' }).waitFor();
  assert.equal(await sessions.count(), 2);
  assert.match(await sessions.first().innerText(), /Chrome, Linux/);
  assert.deepEqual(await axe(here), []);

  await here.getByRole('button', { name: 'End all others' }).click();
  const asked = here.getByRole('dialog', { name: 'Is it you?' });
  const password = asked.getByLabel('Password');
  await password.waitFor();
  assert.ok(await password.evaluate((input) => input === document.activeElement));
  await here.keyboard.type('a wrong one');
  await here.keyboard.press('Enter');
  await asked.getByText('The password is wrong.').waitFor();
  assert.deepEqual(await axe(here), []);
  await password.fill(server.password('ana'));
  await here.keyboard.press('Enter');
  await asked.waitFor({ state: 'detached' });
  await sessions.nth(1).waitFor({ state: 'detached' });
  await forgotten.reload();
  await forgotten.getByLabel('Password').waitFor();
  await here.reload();
  await here.getByRole('heading', { name: 'No chats right now' }).waitFor();

  // Whoever would rather not leaves everything as it was.
  await here.getByRole('button', { name: /, Agent$/ }).click();
  await here.getByRole('menuitem', { name: 'Your sessions' }).click();
  await sessions.filter({ hasText: 'this one' }).waitFor();
  assert.equal(await here.getByRole('button', { name: 'End all others' }).count(), 0);
});

test('an administrator without a password shows at the provider who she is, and what she did goes on', async (t) => {
  const server = await centre(t, { rosa: { name: 'Rosa Duarte', groups: ['chat-admins'] } });
  const rosa = await comes(t, server, 'rosa');
  await rosa.getByRole('heading', { name: 'Campaigns' }).waitFor();
  await rosa.goto(`${server.url}/console/#/users`);
  await rosa.getByRole('button', { name: 'New user' }).click();
  await rosa.getByLabel('Name', { exact: true }).fill('Luis Prado');
  await rosa.getByLabel('User name').fill('luis');
  await rosa.getByLabel('Password').fill('three brown horses');
  const save = rosa.getByRole('button', { name: 'Save' });
  await save.click();
  const asked = rosa.getByRole('dialog', { name: 'Is it you?' });
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await rosa.getByRole('region', { name: 'Notices' }).getByText('Nothing was changed, because you did not say who you are').waitFor();
  assert.equal(await rosa.getByLabel('User name').inputValue(), 'luis');

  await save.click();
  const opened = rosa.context().waitForEvent('page');
  await asked.getByRole('link', { name: 'Sign in there' }).click();
  const there = await opened;
  await signInThere(there, 'rosa');
  await there.getByRole('heading', { name: 'Campaigns' }).waitFor();
  await there.close();
  await asked.getByRole('button', { name: 'Continue' }).click();
  await rosa.getByRole('rowheader', { name: 'Luis Prado' }).waitFor();
});

test('a provider that is down is told at the button, and a password opens the desk', async (t) => {
  const server = await Server.make(t);
  await server.settings(`
    public_url = "${server.url}"
    [sign_in]
    issuer = "http://127.0.0.1:1"
    client_id = "webchat"
  `);
  await server.start();
  const page = await newPage(browser, { reducedMotion: 'reduce', locale: 'es-UY' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/`);
  await page.getByRole('button', { name: 'Ingresar con single sign-on' }).click();
  await page.getByText('En este momento no se puede llegar al servicio de ingreso.').waitFor();
  assert.deepEqual(await axe(page), []);
});
