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

test('an agent and an administrator come in with their account elsewhere, and a stranger does not', async (t) => {
  const secret = 'a secret that both ends know';
  const people = {
    eva: { name: 'Eva Luna', groups: ['chat-agents'] },
    rosa: { name: 'Rosa Duarte', groups: ['staff', 'chat-admins'] },
    otto: { name: 'Otto', groups: ['staff'] },
  };
  const server = await Server.make(t);
  const there = await provider(t, { back: `${server.url}/api/v1/session/provider/return`, secret, people });
  await server.settings(`
    public_url = "${server.url}"
    [sign_in]
    issuer = "${there.url}"
    client_id = "webchat"
    client_secret = "${secret}"
    name = "Example login"
    role_claim = "groups"
    roles = { "chat-agents" = "agent", "chat-admins" = "administrator" }
  `);
  await server.start();

  const comes = async (login) => {
    const page = await newPage(browser, { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(30_000);
    t.after(() => page.context().close());
    await page.goto(`${server.url}/console/`);
    await page.getByRole('button', { name: 'Sign in with Example login' }).click();
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('whatever');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    return page;
  };
  const eva = await comes('eva');
  await eva.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await eva.getByRole('button', { name: 'Eva Luna, Agent' }).waitFor();
  assert.equal(new URL(eva.url()).search, '');
  await eva.reload();
  await eva.getByRole('button', { name: 'Eva Luna, Agent' }).waitFor();
  const rosa = await comes('rosa');
  await rosa.getByRole('heading', { name: 'Campaigns' }).waitFor();

  const otto = await comes('otto');
  await otto.getByText('You have no role here yet. Ask an administrator.').waitFor();
  assert.equal(new URL(otto.url()).search, '', 'a reload does not tell it again');
  assert.deepEqual(await axe(otto), []);
  // The password of an account here still opens it.
  await signIn(otto, 'ana', server.password('ana'));
  await otto.getByRole('heading', { name: 'No chats right now' }).waitFor();
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
