// A message left while the campaign is closed: the form in the browser, the receipt, and the mail at a mail server.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { axe, launch, newPage } from './lib/browser.mjs';
import { signIn } from './lib/console.mjs';
import { MailServer } from './lib/mail-server.mjs';
import { Server } from './lib/server.mjs';
import { Visitor } from './lib/visitor.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Closes campaign 1 for good, with the form for offline messages. */
async function close(server) {
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', {
    ...settings,
    schedule: { always: false, zone: 'America/Montevideo' },
    default_language: 'es',
    offline_message: true,
    offline_address: 'ventas@sendero.example',
  });
  return admin;
}

/** Somebody who reads the shop in Portuguese, with the window open. */
async function arrive(t, server) {
  const visitor = await Visitor.arrive(browser, server, { path: '/demo/?language=pt&campaign=1', html: null });
  t.after(() => visitor.page.context().close());
  await visitor.open();
  return visitor;
}

/** Fills in the form for offline messages and sends it. */
async function fill({ page }, { name, email, text }) {
  await page.locator('textarea[name=text]').waitFor();
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=email]').fill(email);
  await page.locator('textarea[name=text]').fill(text);
  await page.getByRole('button', { name: 'Enviar' }).click();
}

/** A visitor leaves a message and sees the receipt. */
async function leave(t, server, message) {
  const visitor = await arrive(t, server);
  await fill(visitor, message);
  await visitor.page.getByText('Mensagem recebida: 1').first().waitFor();
  assert.deepEqual(visitor.problems, []);
}

const eva = { name: 'Eva Conceição', email: 'eva@example.org', text: 'Vocês têm o 42?\n<b>À vista</b> 👢' };

test('a message left in Portuguese at a closed campaign arrives by mail as it was written', async (t) => {
  const mail = await MailServer.start(t);
  const server = await Server.demo(t, mail.flags);
  const admin = await close(server);
  await leave(t, server, eva);

  const { headers, reply_to, plain, html, to } = await mail.next('mail');
  const header = Object.fromEntries(headers);
  assert.deepEqual(to, ['ventas@sendero.example']);
  assert.match(header.Subject, /^Mensaje n\.º 1 para /, 'in the language of those who read it');
  assert.equal(header.From, 'Webchat <webchat@example.com>');
  assert.deepEqual(reply_to, [[eva.name, eva.email]]);
  assert.ok(plain.replaceAll('\r\n', '\n').includes(eva.text), plain);
  assert.ok(!html.includes('<b>'), html);
  // Answered, and so settled, a moment after the mail was taken.
  while ((await admin('GET', '/mail')).total > 0);
});

test('killed between receipt and delivery, the server mails the message after its restart', async (t) => {
  const mail = await MailServer.start(t, ['hang']);
  const server = await Server.demo(t, mail.flags);
  await close(server);
  await leave(t, server, eva);
  assert.equal(await mail.next('tried'), 'hang');
  await server.kill();
  await server.start();
  const { headers, plain } = await mail.next('mail');
  assert.match(Object.fromEntries(headers)['Message-ID'], /^<offline\.1\.1\.\d+@example\.com>$/);
  assert.ok(plain.includes('Vocês têm o 42?'), plain);
});

test('without a mail server the receipt is given all the same, and the message waits for one', async (t) => {
  const server = await Server.demo(t);
  const admin = await close(server);
  await leave(t, server, eva);
  const { total, messages } = await admin('GET', '/mail');
  assert.equal(total, 1);
  assert.equal(messages[0].text.replaceAll('\r\n', '\n'), eva.text);

  const mail = await MailServer.start(t);
  await server.stop();
  server.flags = mail.flags;
  await server.start();
  // The next attempt would come within half a minute; whoever mended the settings need not wait for it.
  await (await server.signIn('admin'))('POST', '/mail/1/resend');
  assert.ok((await mail.next('mail')).plain.includes('Vocês têm o 42?'));
});

test('a message refused for good is seen in the console and sent again from there', async (t) => {
  const mail = await MailServer.start(t, ['550 5.1.1 no such user']);
  const server = await Server.demo(t, mail.flags);
  await close(server);
  await leave(t, server, eva);
  assert.equal(await mail.next('tried'), '550 5.1.1 no such user');
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/`);
  await signIn(page, 'admin', server.password('admin'));
  await page.getByRole('link', { name: 'Mail' }).click();
  await page.getByText('no such user').waitFor();
  await page.getByText('1 to be delivered, 1 of them given up').waitFor();
  const figures = await (await fetch(`${server.url}/metrics`)).text();
  for (const line of ['# TYPE webchat_mail_owed gauge', 'webchat_mail_owed{kind="offline",state="dead"} 1', 'webchat_mail_owed{kind="transcript",state="due"} 0',
    'webchat_mail_attempts_total{kind="offline",outcome="permanent"} 1', 'webchat_campaign_open{campaign="1"} 0']) {
    assert.ok(figures.includes(`${line}\n`), `${line} in\n${figures}`);
  }
  assert.match(figures, /^webchat_mail_oldest_seconds [0-9.]+$/m);
  // The other campaign keeps its hours.
  assert.match(figures, /^webchat_campaign_open\{campaign="2"\} [01]$/m);
  assert.deepEqual(await axe(page), []);
  await page.getByRole('button', { name: 'Send now: message 1' }).click();
  assert.ok((await mail.next('mail')).plain.includes('Vocês têm o 42?'));
});

test('a visitor asks for the conversation by mail, and gets it when the agent has closed it', async (t) => {
  const mail = await MailServer.start(t);
  const server = await Server.demo(t, mail.flags);
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, transcript_by_mail: true });
  const agent = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  t.after(() => agent.context().close());
  await agent.goto(`${server.url}/console/`);
  await signIn(agent, 'ana', server.password('ana'));
  await agent.getByRole('button', { name: /^Your state/ }).waitFor();

  const visitor = await arrive(t, server);
  await visitor.page.locator('input[name=name]').fill('Eva');
  await visitor.page.locator('form .main').click();
  await agent.getByRole('textbox', { name: 'Reply to Eva' }).fill('Temos o 42, à vista');
  await agent.keyboard.press('Enter');
  await visitor.page.getByText('Temos o 42, à vista').last().waitFor();
  await visitor.page.locator('.tool', { hasText: 'Transcrição' }).click();
  await visitor.page.getByLabel('E-mail').fill('eva@example.org');
  await visitor.page.keyboard.press('Enter');
  await visitor.page.getByText('eva@example.org').last().waitFor();
  await agent.getByRole('button', { name: /^Close/ }).first().click();
  await agent.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();

  const { plain, to } = await mail.next('mail');
  assert.deepEqual(to, ['eva@example.org']);
  assert.ok(plain.includes('Temos o 42, à vista'), plain);
  assert.deepEqual(visitor.problems, []);
});
