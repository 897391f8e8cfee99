// Signing in to the console: errors worded, languages, sessions that come back or run out.
import { after, before, test } from './lib/test.mjs';
import assert from 'node:assert/strict';
import { launch } from './lib/browser.mjs';
import { openConsole, signIn } from './lib/console.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test('a wrong password is told at once and the right one opens the desk', async t => {
  const { page } = await openConsole(t, browser);
  await signIn(page, 'ana', 'nonsense');
  await page.getByRole('alert').filter({ hasText: 'The user name or the password is wrong.' }).waitFor();
  assert.equal(await page.getByLabel('Password').getAttribute('aria-invalid'), 'true');
  await page.keyboard.type('secret-1');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  assert.equal(await page.title(), 'Desk · Webchat');
});

test('a password that was only for the beginning is changed on the way in, and any other when one likes', async t => {
  const { mock, page } = await openConsole(t, browser);
  const ana = mock.users.find(user => user.login === 'ana');
  ana.initial = true;
  await signIn(page);
  await page.getByText('This password was only for the beginning. Choose one of your own.').waitFor();
  const chosen = page.getByLabel('New password');
  assert.ok(await chosen.evaluate(input => input === document.activeElement && input.type === 'password' && input.autocomplete === 'new-password'));
  await page.keyboard.type('short');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'Choose another one: 8 characters or more' }).waitFor();
  assert.equal(await chosen.getAttribute('aria-invalid'), 'true');
  await page.keyboard.type('lluvia de abril');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  assert.equal(ana.password, 'lluvia de abril');
  const { page: again } = await openConsole(t, browser);
  await again.getByRole('button', { name: 'Change password' }).click();
  await again.getByLabel('New password').waitFor();
});

test('empty fields are told before anything is sent', async t => {
  const { page } = await openConsole(t, browser);
  let asked = 0;
  page.on('request', request => {
    if (request.method() === 'POST') asked += 1;
  });
  await page.getByLabel('User name').press('Enter');
  await page.getByText('Enter your user name and your password.').waitFor();
  assert.equal(asked, 0);
  assert.ok(await page.getByLabel('User name').evaluate(input => input === document.activeElement));
});

test('a server that cannot be reached is told apart from a wrong password', async t => {
  const { page } = await openConsole(t, browser);
  await page.getByLabel('Password').waitFor();
  await page.route('**/api/v1/session', route => route.abort());
  await signIn(page);
  await page.getByText('The server cannot be reached. Check your connection and try again.').waitFor();
});

for (const [locale, word, lang] of [['es-UY', 'Contraseña', 'es'], ['pt-BR', 'Senha', 'pt'], ['de-DE', 'Password', 'en']]) {
  test(`a browser that speaks ${locale} gets ${lang}`, async t => {
    const { page } = await openConsole(t, browser, { locale });
    await page.getByLabel(word).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
  });
}

test('a chosen language stays, here and after a reload', async t => {
  const { page } = await openConsole(t, browser);
  await page.getByRole('button', { name: 'Português' }).click();
  await page.getByLabel('Senha').waitFor();
  await page.reload();
  await page.getByLabel('Senha').waitFor();
});

test('a reload keeps the session, signing out ends it', async t => {
  const { mock, page } = await openConsole(t, browser);
  await signIn(page);
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await page.getByRole('button', { name: 'Ana Ferreira, Agent' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.ok(mock.frames.some(f => f.do === 'sign_out'));
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage).filter(key => key.startsWith('webchat.'))), []);
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('signed out by the server: the reason is told and the desk is gone', async t => {
  const { mock, page } = await openConsole(t, browser);
  await signIn(page);
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  mock.kick(1, 4002);
  await page.getByText('You were signed out.').waitFor();
});

test('signed in elsewhere: this desk stops, and can be taken back', async t => {
  const { mock, page } = await openConsole(t, browser);
  await signIn(page);
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  const second = await page.context().newPage();
  await second.goto(`${mock.url}/console/`);
  await second.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await page.getByRole('heading', { name: 'The desk is open elsewhere' }).waitFor();
  await page.getByRole('button', { name: 'Use it here' }).click();
  await page.getByRole('heading', { name: 'No chats right now' }).waitFor();
  await second.getByRole('heading', { name: 'The desk is open elsewhere' }).waitFor();
});
