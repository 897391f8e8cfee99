// An agent's day with the keyboard alone, against the real server: canned responses, notes, handing on, the
// quality questions, earlier chats; and the recording that is left of it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from './lib/test.mjs';
import { axe, launch, newPage } from './lib/browser.mjs';
import { command, staffPage } from './lib/console.mjs';
import { Crowd } from './lib/crowd.mjs';
import { Server } from './lib/server.mjs';
import { Visitor } from './lib/visitor.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const CANNED = [
  { shortcut: 'hello', texts: { en: 'Hello {visitor}, this is {agent}.', pt: 'Olá {visitor}, aqui é {agent}.', es: 'Hola {visitor}, soy {agent}.' } },
  { shortcut: 'mail', texts: { en: 'I am writing to {email}.', pt: 'Escrevo para {email}.' } },
];
const MODEL = { name: 'Service', categories: [{ name: 'Result', questions: [
  { text: 'Was it solved?', mandatory: true, answers: [{ text: 'No', score: 0 }, { text: 'Yes', score: 10 }] },
  { text: 'Was the visitor calm?', mandatory: false, answers: [{ text: 'No', score: 0 }, { text: 'Yes', score: 5 }] },
] }] };

/** A server whose first campaign offers chats, has canned responses, dispositions and quality questions. */
async function equipped(t) {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  await admin('PUT', '/campaigns/1/canned', { responses: CANNED });
  const { model } = await admin('POST', '/quality-models', MODEL);
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', {
    ...settings, offer_timeout: 120, agent_cap: 3, dispositions: [['sale', 'boots'], ['question']], disposition_required: true, quality_model: model,
  });
  return server;
}

/** An agent who signed in and never touches the mouse. */
async function keyboardAgent(t, server, login) {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  const trouble = [];
  page.on('pageerror', (error) => trouble.push(String(error)));
  t.after(() => assert.deepEqual(trouble, []));
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('User name').waitFor();
  await page.getByLabel('User name').focus();
  await page.keyboard.type(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(server.password(login));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  return page;
}

/** Somebody who reads the shop in Portuguese and asks for a chat. */
async function asks(t, server, name) {
  const visitor = await Visitor.arrive(browser, server, { path: '/demo/?language=pt&campaign=1', html: null });
  t.after(() => visitor.page.context().close());
  await visitor.open();
  await visitor.page.locator('input[name=name]').fill(name);
  await visitor.page.locator('form .main').click();
  return visitor;
}

/** Accepts the offer and has the keyboard in the reply. */
async function accept(page, name) {
  await page.getByRole('article', { name: `Offer: ${name}` }).waitFor();
  await command(page, '');
  const reply = page.getByRole('textbox', { name: `Reply to ${name}` });
  await reply.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  return reply;
}

test('an agent’s day by keyboard: accept, canned text in Portuguese, note, transfer, disposition, quality, close', async (t) => {
  const server = await equipped(t);
  const ana = await keyboardAgent(t, server, 'ana');
  const visitor = await asks(t, server, 'Eva');
  const reply = await accept(ana, 'Eva');

  await ana.keyboard.type('/hel');
  await ana.getByRole('option', { name: /Olá Eva/ }).waitFor();
  await ana.keyboard.press('Enter');
  const said = await reply.inputValue();
  assert.match(said, /^Olá Eva, aqui é .+\.$/);
  await ana.keyboard.press('Enter');
  await visitor.page.getByText(said).last().waitFor();

  // A variable nothing is known for stays in sight, and is what the keyboard replaces.
  await ana.keyboard.type('/mail');
  await ana.getByRole('option', { name: /Escrevo/ }).waitFor();
  await ana.keyboard.press('Enter');
  await ana.getByText('Fill in or delete {email}').waitFor();
  await ana.waitForFunction(() => getSelection()?.toString() === '{email}' || document.activeElement?.value?.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd) === '{email}');
  await ana.keyboard.type('eva@example.org');
  await ana.keyboard.press('Enter');
  await visitor.page.getByText('Escrevo para eva@example.org.').last().waitFor();

  await command(ana, 'note');
  await ana.getByRole('textbox', { name: 'Internal note' }).waitFor();
  await ana.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  await ana.keyboard.type('Wants size 42');
  await ana.keyboard.press('Enter');
  await ana.getByText('Wants size 42').last().waitFor();

  // Handed to the colleague, who has it by keyboard too.
  const bruno = await keyboardAgent(t, server, 'bruno');
  await command(ana, 'transfer');
  await ana.getByRole('radio', { name: /Bruno/, disabled: false }).waitFor();
  await ana.keyboard.type('Bruno');
  await ana.keyboard.press('Enter');
  await accept(bruno, 'Eva');
  await bruno.getByText('Wants size 42').first().waitFor();
  await bruno.keyboard.type('Tenho aqui o 42.');
  await bruno.keyboard.press('Enter');
  await visitor.page.getByText('Tenho aqui o 42.').last().waitFor();

  await command(bruno, 'close the chat');
  await bruno.getByRole('dialog', { name: 'Close the chat with Eva?' }).waitFor();
  await bruno.keyboard.press('ArrowDown');
  await bruno.keyboard.press('Tab');
  await bruno.keyboard.press('Tab');
  await bruno.keyboard.press('Enter');
  await bruno.getByRole('dialog', { name: 'How did the chat with Eva go?' }).waitFor();
  assert.deepEqual(await axe(bruno), []);
  await bruno.keyboard.press('ArrowRight');
  assert.equal(await bruno.getByRole('radio', { name: 'Yes' }).first().isChecked(), true);
  await bruno.keyboard.press('Enter');
  await bruno.getByText('Your answers are kept: 10 of 10 points.').first().waitFor();
  await visitor.page.locator('.star').first().waitFor();
});

test('the quality questions wait for whoever leaves them for later, and a closed chat is in the visitor’s history', async (t) => {
  const server = await equipped(t);
  const ana = await keyboardAgent(t, server, 'ana');
  const visitor = await asks(t, server, 'Eva');
  await accept(ana, 'Eva');
  await ana.keyboard.type('Primeira conversa');
  await ana.keyboard.press('Enter');
  await visitor.page.getByText('Primeira conversa').last().waitFor();
  await ana.getByRole('button', { name: 'Close chat' }).click();
  await ana.getByLabel('Disposition').selectOption({ label: 'question' });
  await ana.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
  await ana.getByRole('button', { name: 'Later' }).click();
  await ana.getByRole('button', { name: 'Quality questions' }).click();
  await ana.getByRole('button', { name: 'Save answers' }).click();
  await ana.getByText('An answer is needed').waitFor();
  await ana.getByRole('radio', { name: 'Yes' }).first().click();
  await ana.getByRole('button', { name: 'Save answers' }).click();
  await ana.getByText('10 of 10 points').first().waitFor();
  assert.equal(await ana.getByRole('button', { name: 'Quality questions' }).count(), 0);

  await visitor.page.locator('.star').first().waitFor();
  await visitor.page.locator('.closing button', { hasText: 'Iniciar chat' }).click();
  await visitor.page.locator('input[name=name]').fill('Eva');
  await visitor.page.locator('form .main').click();
  await accept(ana, 'Eva');
  await ana.getByRole('button', { name: /question/ }).click();
  await ana.getByRole('dialog').getByText('Primeira conversa').waitFor();
  assert.deepEqual(await axe(ana), []);
});

test('a supervisor finds a recording by what was said, with score, note, and the quality answers', async (t) => {
  const server = await equipped(t);
  const ana = await keyboardAgent(t, server, 'ana');
  const visitor = await asks(t, server, 'Eva');
  await accept(ana, 'Eva');
  await visitor.field.waitFor();
  await visitor.write('Perdí una bota roja');
  await ana.getByText('Perdí una bota roja').last().waitFor();
  await ana.getByRole('button', { name: 'Close chat' }).click();
  await ana.getByLabel('Disposition').selectOption({ label: 'sale › boots' });
  await ana.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
  await ana.getByRole('radio', { name: 'Yes' }).first().click();
  await ana.getByRole('button', { name: 'Save answers' }).click();
  await ana.getByText('10 of 10 points').first().waitFor();
  await visitor.page.locator('.star').nth(3).click();
  await visitor.page.locator('.closing textarea').fill('Muito rápido');
  await visitor.page.locator('.closing .main').click();
  await visitor.page.locator('.star').first().waitFor({ state: 'detached' });

  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/#/floor/recordings`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(server.password('admin'));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Eva' }).waitFor();
  await page.getByLabel('Said').fill('nothing like that');
  await page.keyboard.press('Enter');
  await page.getByText('No chat fits.').waitFor();
  await page.getByLabel('Said').fill('bota ROJ');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('button', { name: 'Eva' }).waitFor();
  await page.getByLabel('Score', { exact: true }).selectOption('5');
  await page.getByText('No chat fits.').waitFor();
  await page.getByLabel('Score', { exact: true }).selectOption('4');
  assert.deepEqual(await axe(page), []);
  await page.getByRole('button', { name: 'Eva' }).click();
  const told = page.getByRole('dialog', { name: 'Eva' });
  for (const text of ['Perdí una bota roja', 'sale › boots', '4 of 5 · Muito rápido', 'Was it solved?', '10 / 10', 'answered by Ana Pereira']) {
    await told.getByText(text).first().waitFor();
  }
  assert.deepEqual(await axe(page), []);
});

test('a supervisor writes canned responses and finds what is wrong with one at its field', async (t) => {
  const server = await Server.demo(t);
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/#/canned`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(server.password('admin'));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add a response' }).click();
  await page.keyboard.type('bye!');
  await page.getByRole('textbox', { name: /^Text/ }).fill('Adiós {visitor} <b>!</b>');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('1 to 32 letters, digits').waitFor();
  await page.getByRole('textbox', { name: 'Shortcut 1' }).fill('bye');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  assert.deepEqual(await axe(page), []);
  const admin = await server.signIn('admin');
  const stored = { responses: [{ shortcut: 'bye', texts: { es: 'Adiós {visitor} <b>!</b>' } }] };
  assert.deepEqual(await admin('GET', '/canned'), stored);

  // The file that goes out comes in again, in another campaign.
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  await page.getByLabel('Where').selectOption({ index: 1 });
  await page.getByText('There are none here yet.').waitFor();
  await page.locator('input[type=file]').setInputFiles(await file.path());
  await page.getByRole('textbox', { name: 'Shortcut 1' }).fill('bye2');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  const own = await admin('GET', '/campaigns/1/canned');
  assert.deepEqual(own.responses.map((response) => response.shortcut), ['bye2']);
});

test('an administrator makes a quality model, and another version of it', async (t) => {
  const server = await Server.demo(t);
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/#/quality`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(server.password('admin'));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'New model' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Service');
  await page.getByRole('textbox', { name: 'Category 1' }).fill('Result');
  await page.getByRole('textbox', { name: 'Question 1' }).fill('Solved?');
  await page.getByRole('textbox', { name: 'Answer 1' }).fill('No');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Each category').waitFor();
  await page.getByRole('textbox', { name: 'Answer 2' }).fill('Yes');
  await page.getByRole('spinbutton', { name: 'Points 2' }).fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved as version 1').first().waitFor();
  await page.getByRole('button', { name: 'New version: Service' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Service 2');
  assert.deepEqual(await axe(page), []);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved as version 2').first().waitFor();
  const admin = await server.signIn('admin');
  const models = await admin('GET', '/quality-models');
  assert.deepEqual(models.map(({ model, name }) => [model, name]), [[1, 'Service'], [2, 'Service 2']]);
  assert.deepEqual(models[0].categories[0].questions[0].answers, [{ text: 'No', score: 0 }, { text: 'Yes', score: 7 }]);
});

test('the answer to a transfer is shown, whatever it is, and a transcript holds what was said without the notes', async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  await admin('PUT', '/tenant', { ...(await admin('GET', '/tenant')), transfer_timeout: 1 });
  const page = await staffPage(t, browser, server, 'desk', { login: 'ana', acceptDownloads: true });
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  await admin('POST', '/campaigns', { name: 'Posventa' });
  const crowd = new Crowd(t, server);
  const visitor = await crowd.visitor({ name: 'Eva', email: 'eva@correo.example' });
  const { chat } = visitor;
  await page.getByRole('textbox', { name: 'Reply to Eva' }).waitFor();
  await command(page, 'transfer');
  const asking = page.getByRole('dialog', { name: 'Transfer Eva' });
  await asking.getByText('not signed in').first().waitFor();
  assert.ok(await asking.getByRole('radio', { name: /Bruno/ }).isDisabled());
  await page.keyboard.press('Escape');
  // Who signs in later is there at the next look; a campaign this agent is no member of can be chosen too.
  const bruno = await crowd.agent('bruno');
  await command(page, 'transfer');
  await asking.getByRole('radio', { name: /Bruno/, disabled: false }).waitFor();
  await asking.getByRole('button', { name: 'Campaign' }).click();
  await asking.getByRole('radio', { name: 'Posventa' }).waitFor();
  await page.keyboard.press('Escape');
  const handOn = async () => {
    await command(page, 'transfer');
    await page.getByRole('radio', { name: /Bruno/, disabled: false }).waitFor();
    await page.keyboard.type('Bruno');
    await page.keyboard.press('Enter');
  };
  await handOn();
  await page.locator('.notice').getByText('Bruno Costa did not answer in time; the chat with Eva stays with you').waitFor();
  await admin('PUT', '/tenant', { ...(await admin('GET', '/tenant')), transfer_timeout: 60 });
  const asked = () => bruno.pushes.findLast((push) => push.push === 'chat' && push.view.chat === chat && push.view.phase.kind === 'transferring');
  const late = asked();
  await handOn();
  await bruno.push((push) => push !== late && bruno.pushes.indexOf(push) > bruno.pushes.indexOf(late) && push.view?.phase.kind === 'transferring');
  await bruno.ask('refuse', { chat });
  await page.locator('.notice').getByText('Bruno Costa did not take the chat with Eva; it stays with you').waitFor();
  await handOn();
  await page.getByRole('button', { name: 'Cancel transfer' }).click();
  await page.getByText('Asked Bruno Costa.').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.notice').getByText('did not take').count(), 1, 'who takes it back knows');

  await visitor.ask('write', { chat, key: 'a', text: '¿Tienen el 42?' });
  const reply = page.getByRole('textbox', { name: 'Reply to Eva' });
  await reply.fill('Sí, quedan dos.');
  await reply.press('Enter');
  await command(page, 'note about');
  await page.getByRole('textbox', { name: 'Internal note' }).fill('Paga siempre tarde');
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByText('Paga siempre tarde').waitFor();
  await page.getByRole('log').getByText('Sí, quedan dos.').waitFor();
  const [saved] = await Promise.all([page.waitForEvent('download'), command(page, 'save the transcript')]);
  assert.equal(saved.suggestedFilename(), `chat-${chat}.txt`);
  const text = await readFile(await saved.path(), 'utf8');
  assert.match(text, /Visitor: Eva <eva@correo\.example>/);
  assert.match(text, /Eva: ¿Tienen el 42\?\n.*Ana Pereira: Sí, quedan dos\./);
  assert.doesNotMatch(text, /Paga siempre tarde/);

  await handOn();
  await bruno.push((push) => push.push === 'chat' && push.view.phase.kind === 'transferring' && push.view.last >= 4);
  await bruno.ask('accept', { chat });
  await page.locator('.notice').getByText('Bruno Costa took the chat with Eva').waitFor();
});

test('an agent sends files by button, paste and drop, and is told which is not accepted', async (t) => {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, files: { allowed: true, max_kib: 64, kinds: ['text'] } });
  const page = await staffPage(t, browser, server, 'desk', { login: 'ana' });
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  const crowd = new Crowd(t, server);
  const visitor = await crowd.visitor({ name: 'Eva' });
  const reply = page.getByRole('textbox', { name: 'Reply to Eva' });
  await reply.waitFor();
  const text = (name, length = 10) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(length, 'a') });
  await page.locator('.composer input[type=file]').setInputFiles([text('one.txt'), text('long.txt', 70_000)]);
  await page.getByRole('log').getByRole('link', { name: /one\.txt/ }).waitFor();
  await page.locator('.notice').getByText('long.txt: the file is larger than this campaign allows').waitFor();
  // What is brought comes as the browser would hand it over.
  const bring = (kind, name) => reply.evaluate((field, [kind, name]) => {
    const brought = new DataTransfer();
    brought.items.add(new File(['hello'], name, { type: 'text/plain' }));
    field.dispatchEvent(kind === 'paste' ? new ClipboardEvent('paste', { clipboardData: brought, bubbles: true, cancelable: true }) : new DragEvent('drop', { dataTransfer: brought, bubbles: true, cancelable: true }));
  }, [kind, name]);
  await bring('paste', 'pasted.txt');
  await page.getByRole('log').getByRole('link', { name: /pasted\.txt/ }).waitFor();
  await bring('drop', 'dropped.txt');
  await page.getByRole('log').getByRole('link', { name: /dropped\.txt/ }).waitFor();
  const seen = await visitor.push((push) => push.message?.text === 'dropped.txt');
  assert.equal(seen.message.file.kind, 'text');

  const sofia = await staffPage(t, browser, server, 'floor/chats');
  await sofia.getByRole('button', { name: 'Watch the chat with Eva' }).click();
  const [taken] = await Promise.all([sofia.waitForEvent('download'), sofia.locator('.watch').getByRole('link', { name: /one\.txt/ }).click()]);
  assert.equal(taken.suggestedFilename(), 'one.txt');

  // The visitor comes back to a colleague, who never had part in that chat but reads it as an earlier one.
  const bruno = await staffPage(t, browser, server, 'desk', { login: 'bruno' });
  await bruno.getByRole('button', { name: /^Your state/ }).waitFor();
  const ana = await crowd.agent('ana');
  await ana.ask('pause', { reason: 'break' });
  await ana.ask('close', { chat: visitor.chat });
  await visitor.push((push) => push.push === 'closed');
  await crowd.start(visitor, { name: 'Eva' });
  await bruno.getByRole('textbox', { name: 'Reply to Eva' }).waitFor();
  await bruno.locator('.earlier-row').first().click();
  const earlier = bruno.getByRole('dialog');
  const [got] = await Promise.all([bruno.waitForEvent('download'), earlier.getByRole('link', { name: /one\.txt/ }).click()]);
  assert.equal(got.suggestedFilename(), 'one.txt');
  assert.deepEqual(await axe(bruno), [], 'an earlier chat with files');
});
