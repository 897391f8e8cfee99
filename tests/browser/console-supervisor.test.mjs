// The supervisor's pages against the real server: the wallboard with its alarms, watching and stepping in, and a floor
// with thousands of chats.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { axe, launch } from './lib/browser.mjs';
import { command, staffPage } from './lib/console.mjs';
import { Crowd } from './lib/crowd.mjs';
import { Network } from './lib/proxy.mjs';
import { Server } from './lib/server.mjs';
import { Visitor } from './lib/visitor.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Changes the first campaign's settings. */
async function edit(server, change) {
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, ...change });
  return admin;
}

/** A figure of a campaign's tile, as it is read. */
const figure = (page, name) => page.getByRole('article', { name: /Ventas/ }).locator('.big').filter({ has: page.getByText(name, { exact: true }) }).locator('dd .figure');
/** A line of today's counts. */
const count = (page, name) => page.getByRole('article', { name: /Ventas/ }).locator('.counts > div').filter({ has: page.getByText(name, { exact: true }) }).locator('dd');
const reads = (locator, text) => locator.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();

test('the wallboard counts, has no data for nothing, and shows and says how alarms rise and fall', async (t) => {
  const server = await Server.demo(t);
  await edit(server, { acd: 2, max_chats: 3, time_out: 0, when_empty: 'admit', answer_within: 600, target_percent: 80, agent_cap: 2 });
  const crowd = new Crowd(t, server);
  const page = await staffPage(t, browser, server, 'floor/wallboard');
  const tile = page.getByRole('article', { name: /Ventas/ });
  await reads(figure(page, 'Waiting'), '0');
  assert.equal(await tile.getByText('no data').count() > 3, true, 'no data is not 0 %');
  assert.equal(await tile.locator('.chip.bad').count(), 0);

  const first = await crowd.visitor();
  await reads(figure(page, 'Waiting'), '1');
  const second = await crowd.visitor();
  await tile.getByText('2 wait, alarm at 2').waitFor();
  await tile.locator('.thresholds .over', { hasText: 'ACD' }).waitFor();
  await page.getByRole('alert').getByText(/Alarm in .*Ventas: ACD/).waitFor();
  await crowd.visitor();
  await tile.locator('.thresholds .over', { hasText: 'Max chats' }).waitFor();
  await tile.getByText('2 alarms').waitFor();
  const refused = await crowd.visitor();
  assert.equal(refused.refused.code, 'queue_full');
  await reads(count(page, 'Refused'), '1');
  await tile.getByText('1 × the queue is full').waitFor();

  // Two go to the agent at once, and the alarms fall.
  await crowd.agent('ana');
  await reads(figure(page, 'Active'), '2');
  await reads(figure(page, 'Waiting'), '1');
  await tile.locator('.thresholds .over').first().waitFor({ state: 'detached' });
  assert.equal(await tile.locator('.chip.bad').count(), 0);
  await page.getByRole('status').getByText(/Ventas: ACD is back within its limit/).waitFor();
  await reads(count(page, 'Answered'), '2');
  await tile.locator('.levels').getByText('2 of 2').first().waitFor();
  assert.deepEqual([first, second].map((visitor) => visitor.chat !== null), [true, true]);
  assert.match(await tile.getByRole('img').getAttribute('aria-label'), /3 arrived, 2 were answered, 1 were lost or refused/);
});

test('watch, whisper and take over: the visitor sees the new name and never the whisper, the audit has it all', async (t) => {
  const server = await Server.demo(t);
  const visitor = await Visitor.arrive(browser, server, { path: '/demo/?language=es&campaign=1', html: null });
  t.after(() => visitor.page.context().close());
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  await visitor.open();
  await visitor.page.locator('input[name=name]').fill('Lucía');
  await visitor.page.locator('form .main').click();
  await visitor.field.waitFor();
  await visitor.write('¿Cuánto cuesta el envío?');

  const page = await staffPage(t, browser, server, 'floor/chats');
  await page.getByRole('button', { name: 'Watch the chat with Lucía' }).click();
  const pane = page.getByRole('region', { name: 'Watching Lucía' });
  await pane.getByRole('log').getByText('¿Cuánto cuesta el envío?').waitFor();
  const { chat } = ana.pushes.find((push) => push.push === 'chat').view;
  await ana.ask('write', { chat, key: 'a', text: 'Déjeme ver' });
  await pane.getByRole('log').getByText('Déjeme ver').waitFor();
  await visitor.write('Espero entonces');
  await pane.getByRole('log').getByText('Espero entonces').waitFor();

  await pane.getByRole('textbox', { name: 'Whisper to the agent' }).fill('El envío es gratis');
  await page.keyboard.press('Enter');
  const whisper = pane.locator('.entry.note');
  await whisper.getByText('the visitor never sees it').waitFor();
  const note = await ana.push((push) => push.push === 'note');
  assert.deepEqual([note.note.text, note.note.whisper], ['El envío es gratis', true]);

  await pane.getByRole('button', { name: 'Why?' }).click();
  await page.getByRole('dialog').getByText('Ana Pereira has it.').waitFor();
  await page.keyboard.press('Escape');

  await pane.getByRole('button', { name: 'Take over' }).click();
  const question = page.getByRole('dialog', { name: 'Take over the chat with Lucía?' });
  await question.getByRole('button', { name: 'Take over' }).click();
  await ana.push((push) => push.push === 'gone' && push.reason === 'taken_over');
  await page.getByRole('link', { name: /^Desk/ }).click();
  const reply = page.getByRole('textbox', { name: 'Reply to Lucía' });
  await reply.fill('Soy Sofía, el envío es sin cargo');
  await reply.press('Enter');
  await visitor.page.getByText('Soy Sofía, el envío es sin cargo', { exact: true }).waitFor();
  const seen = await visitor.page.evaluate(() => document.querySelector('webchat-window').shadowRoot.textContent);
  assert.ok(!seen.includes('El envío es gratis'), 'the whisper stays between supervisor and agent');
  await visitor.page.reload();
  await visitor.launcher.waitFor();
  await visitor.page.getByText('Soy Sofía, el envío es sin cargo', { exact: true }).last().waitFor({ state: 'attached' });
  const again = await visitor.page.evaluate(() => document.querySelector('webchat-window').shadowRoot.textContent);
  assert.ok(!again.includes('El envío es gratis'), 'nor is it in what is read again');
  assert.deepEqual(visitor.problems, []);

  await page.goto(`${server.url}/console/#/floor/audit`);
  await page.getByRole('cell', { name: 'Took over' }).waitFor();
  const rows = await page.locator('tbody tr').evaluateAll((all) => all.map((row) => [row.cells[1].textContent, row.cells[2].textContent]));
  assert.deepEqual(rows, [['Sofía Rey', 'Took over'], ['Sofía Rey', 'Whispered'], ['Sofía Rey', 'Watched']]);
});

test('a whisper whose answer was lost is said once, however often it is sent', async (t) => {
  const server = await Server.demo(t);
  const network = await Network.before(t, server.port);
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  await crowd.visitor({ name: 'Tomás' });
  const page = await staffPage(t, browser, { url: network.url, password: (login) => server.password(login) }, 'floor/chats');
  await page.getByRole('button', { name: 'Watch the chat with Tomás' }).click();
  const pane = page.getByRole('region', { name: 'Watching Tomás' });
  const field = pane.getByRole('textbox', { name: 'Whisper to the agent' });
  const whispers = () => ana.pushes.filter((push) => push.push === 'note').map((push) => push.note.text);
  await field.fill('El envío es gratis');
  network.deaf = true;
  await field.press('Enter');
  await ana.push((push) => push.push === 'note');
  network.deaf = false;
  network.cut();
  await page.locator('.notice').getByText('There is no connection just now').waitFor();
  assert.equal(await field.inputValue(), 'El envío es gratis', 'what was not answered stays in the field');
  await pane.getByRole('button', { name: 'Whisper', disabled: false }).click();
  await page.waitForFunction(() => /** @type {any} */ (document.getElementById('whisper')).value === '');
  await field.fill('Y mañana también');
  await field.press('Enter');
  await ana.push((push) => push.push === 'note' && push.note.text === 'Y mañana también');
  assert.deepEqual(whispers(), ['El envío es gratis', 'Y mañana también']);
  await pane.locator('.entry.note').nth(1).waitFor();
  assert.equal(await pane.locator('.entry.note').count(), 2);
});

test('a chat is handed over by force, an agent paused and signed out, the order changed, a chat ended', async (t) => {
  const server = await Server.demo(t);
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  const visitor = await crowd.visitor({ name: 'Tomás' });
  const bruno = await crowd.agent('bruno');
  const page = await staffPage(t, browser, server, 'floor/chats');
  await page.getByRole('button', { name: 'Watch the chat with Tomás' }).click();
  const pane = page.getByRole('region', { name: 'Watching Tomás' });
  await pane.getByRole('button', { name: 'Transfer' }).click();
  const transfer = page.getByRole('dialog');
  await transfer.getByText('Bruno Costa').click();
  await transfer.getByRole('button', { name: 'Transfer' }).click();
  await bruno.push((push) => push.push === 'chat' && push.view.chat === visitor.chat && push.view.phase.kind === 'active');
  await ana.push((push) => push.push === 'gone' && push.chat === visitor.chat);
  await pane.locator('.who').getByText(/Bruno Costa/).waitFor();
  await pane.getByRole('button', { name: 'End chat' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
  await visitor.push((push) => push.push === 'closed' && push.reason === 'supervisor_closed');
  await pane.getByText('The chat has ended.', { exact: true }).waitFor();

  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('button', { name: 'Pause Ana Pereira' }).click();
  await page.getByRole('menuitemradio', { name: 'Meeting' }).click();
  await page.getByRole('row', { name: /Ana Pereira/ }).locator('.status').getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Resume Ana Pereira' }).click();
  await page.getByRole('row', { name: /Ana Pereira/ }).locator('.status').getByText('Available').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Resume Ana Pereira' }).count(), 0);
  await page.getByRole('button', { name: 'Pause Ana Pereira' }).click();
  await page.getByRole('menuitemradio', { name: 'Meeting' }).click();
  await page.getByRole('row', { name: /Ana Pereira/ }).locator('.status').getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Sign out Bruno Costa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('row', { name: /Bruno Costa/ }).locator('.status').getByText('Signed out').waitFor();
  await page.getByRole('button', { name: /Why Ana Pereira gets chats of .*Ventas or not/ }).click();
  const why = page.getByRole('dialog');
  await why.getByRole('row', { name: /Ana Pereira/ }).getByText('paused').waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Wallboard' }).click();
  await page.getByRole('link', { name: /Order and penalties of .*Ventas/ }).click();
  await page.getByRole('button', { name: 'Move Bruno Costa up' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('cell', { name: 'Set order and penalties' }).waitFor();
  const rows = await page.locator('tbody tr').evaluateAll((all) => all.map((row) => row.cells[2].textContent));
  assert.deepEqual(rows, ['Set order and penalties', 'Signed an agent out', 'Paused an agent', 'Resumed an agent', 'Paused an agent', 'Ended the chat', 'Forced transfer', 'Watched']);
});

test('the floor by keyboard alone: every page and every act is found with Ctrl-K', async (t) => {
  const server = await Server.demo(t);
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  const visitor = await crowd.visitor({ name: 'Tomás' });
  const page = await staffPage(t, browser, server, 'floor/wallboard');
  await page.getByRole('article', { name: /Ventas/ }).waitFor();
  await command(page, 'live chats');
  await page.getByRole('region', { name: 'Live chats' }).waitFor();
  await command(page, 'watch tomas');
  const pane = page.getByRole('region', { name: 'Watching Tomás' });
  await pane.waitFor();
  await command(page, 'whisper');
  await page.waitForFunction(() => document.activeElement?.id === 'whisper');
  await page.keyboard.type('Ask for the number');
  await page.keyboard.press('Enter');
  const told = await ana.push((push) => push.push === 'note');
  assert.equal(told.note.text, 'Ask for the number');
  await command(page, 'why tomas');
  await page.getByRole('dialog').getByText('Ana Pereira has it.').waitFor();
  await page.keyboard.press('Escape');
  await command(page, 'take over tomas');
  await page.getByRole('dialog', { name: 'Take over the chat with Tomás?' }).waitFor();
  await page.keyboard.press('Enter');
  await ana.push((push) => push.push === 'gone' && push.reason === 'taken_over');
  await command(page, 'end chat tomas');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Enter');
  await visitor.push((push) => push.push === 'closed');
  await command(page, 'pause ana meeting');
  await command(page, 'supervision agents');
  await page.getByRole('row', { name: /Ana Pereira/ }).locator('.status').getByText('Paused').waitFor();
  await command(page, 'resume ana');
  await page.getByRole('row', { name: /Ana Pereira/ }).locator('.status').getByText('Available').waitFor();
  await command(page, 'sign out ana');
  await page.getByRole('dialog', { name: 'Sign Ana Pereira out?' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /Ana Pereira/ }).locator('.status').getByText('Signed out').waitFor();
  await command(page, 'order and penalties ventas');
  await page.getByRole('button', { name: /Move Bruno Costa up/ }).waitFor();
  for (const name of ['Wallboard', 'Recordings', 'Audit']) {
    await command(page, `supervision ${name}`);
    await page.getByRole('link', { name, exact: true, current: 'page' }).or(page.locator('a[aria-current=page]', { hasText: name })).first().waitFor();
  }
});

test('an administrator sets what holds for all campaigns, and is told at the field what does not fit', async (t) => {
  const server = await Server.demo(t);
  const page = await staffPage(t, browser, server, 'floor/wallboard', { login: 'admin' });
  await command(page, 'all campaigns');
  const cap = page.getByRole('spinbutton', { name: 'Chats per agent' });
  await cap.fill('0');
  await page.getByRole('spinbutton', { name: 'Seconds a lost agent is waited for' }).fill('45');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('A whole number from 1 to 10000').waitFor();
  assert.ok(await cap.evaluate((field) => field === document.activeElement));
  assert.deepEqual(await axe(page), []);
  await cap.fill('4');
  await page.getByText('Only members of a voice campaign get chats').click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.notice').getByText('Saved').waitFor();
  const admin = await server.signIn('admin');
  assert.deepEqual(await admin('GET', '/tenant'), { agent_cap: 4, voice_membership_required: true, agent_grace: 45, transfer_timeout: 30, text_chars: 4000 });
  await cap.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Save', disabled: true }).waitFor();
  assert.equal((await admin('GET', '/tenant')).agent_cap, null);
});

for (const colorScheme of ['light', 'dark']) {
  test(`every page of the floor passes axe in ${colorScheme}`, async (t) => {
    const server = await Server.demo(t);
    await edit(server, { acd: 2, max_chats: 4, time_out: 0, when_empty: 'admit', agent_cap: 1, answer_within: 1, target_percent: 90, time_chat: 1 });
    const crowd = new Crowd(t, server);
    await crowd.agent('ana');
    await crowd.visitors(5);
    const page = await staffPage(t, browser, server, 'floor/wallboard', { colorScheme });
    await page.locator('.thresholds .over', { hasText: 'Time chat' }).waitFor();
    await page.locator('.thresholds .over', { hasText: 'ACD' }).waitFor();
    assert.deepEqual(await axe(page), [], 'wallboard');
    await page.getByRole('button', { name: /^Why: what a newcomer of .*Ventas/ }).click();
    await page.getByRole('dialog').getByRole('table').waitFor();
    assert.deepEqual(await axe(page), [], 'why');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Live chats' }).click();
    await page.getByRole('button', { name: /^Watch/ }).first().click();
    await page.locator('.watch .entry').first().waitFor();
    await page.locator('.watch textarea').fill('psst');
    await page.keyboard.press('Enter');
    await page.locator('.watch .entry.note').waitFor();
    assert.deepEqual(await axe(page), [], 'watching');
    await page.getByRole('button', { name: 'Transfer' }).click();
    assert.deepEqual(await axe(page), [], 'transfer');
    await page.keyboard.press('Escape');
    for (const name of ['Agents', 'Audit']) {
      await page.getByRole('link', { name }).click();
      await page.locator('table').waitFor();
      assert.deepEqual(await axe(page), [], name);
    }
  });
}

test('two hundred active chats and two thousand waiting stay smooth on a slow machine', { timeout: 240_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await edit(server, { acd: 0, max_chats: 0, time_out: 0, when_empty: 'admit', agent_cap: 67, waiting_floor: 3600, auto_finish: 0 });
  assert.ok(admin);
  const crowd = new Crowd(t, server);
  const agents = [await crowd.agent('ana'), await crowd.agent('bruno'), await crowd.agent('carla')];
  const visitors = await crowd.visitors(2201, (i) => ({ name: `Visitante ${String(i).padStart(4, '0')}`, email: `v${i}@correo.example` }));
  assert.ok(visitors.every((visitor) => visitor.chat));
  const page = await staffPage(t, browser, server, 'floor/chats');
  await page.getByText('2201 of 2201 chats').waitFor();
  const drawn = await page.locator('.live-body .live-row').count();
  assert.ok(drawn < 60, `${drawn} rows drawn`);

  // While somebody scrolls, searches and filters, agents close chats and others take their place.
  const close = (agent) => {
    const ended = new Set(agent.pushes.filter((push) => push.push === 'gone').map((push) => push.chat));
    const mine = agent.pushes.find((push) => push.push === 'chat' && push.view.phase.kind === 'active' && !ended.has(push.view.chat));
    return agent.ask('close', { chat: mine.view.chat });
  };
  const traffic = () => Promise.all(agents.map(close));
  const list = page.locator('.live-frame');
  const search = page.getByRole('searchbox', { name: 'Search' });
  const round = async () => {
    for (let step = 1; step <= 20; step++) {
      await traffic();
      await list.evaluate((frame, top) => {
        frame.scrollTop = top;
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      }, step * 4000);
    }
    await list.evaluate((frame) => (frame.scrollTop = 0));
    await search.pressSequentially('visitante 21');
    await page.getByRole('status').filter({ hasText: /^\d{2,3} of/ }).waitFor();
    await search.fill('');
    await page.getByRole('status').filter({ hasText: /^(\d{4}) of \1/ }).waitFor();
    for (const name of ['With agents', 'Waiting', 'All']) await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('link', { name: 'Wallboard' }).click();
    await page.getByRole('article', { name: /Ventas/ }).waitFor();
    await page.getByRole('link', { name: 'Live chats' }).click();
    await page.locator('.live-body .live-row').first().waitFor();
  };

  // The longest task of a round in milliseconds of processor time, which does not count what other programs take, but does count
  // what slows the page down: at a quarter of the speed it is what the clock of a machine at rest would show.
  const longest = async () => {
    await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    await round();
    const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
    const main = traceEvents.find((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain');
    const tasks = traceEvents.filter((event) => /RunTask/.test(event.name) && event.pid === main.pid && event.tid === main.tid && event.tdur);
    assert.ok(tasks.length > 100, `${tasks.length} tasks seen`);
    return Math.max(...tasks.map((event) => event.tdur / 1000));
  };

  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.evaluate(() => {
    globalThis.long = [];
    new PerformanceObserver((seen) => globalThis.long.push(...seen.getEntries().map((entry) => Math.round(entry.duration)))).observe({ type: 'longtask' });
  });
  // One of a few rounds must stay below it: a processor that is shared is slower in some of them.
  const limit = 100;
  const worst = [];
  for (let left = 5; left > 0 && !(Math.min(...worst) <= limit); left--) worst.push(await longest());
  t.diagnostic(`longest task of each round at a quarter of the speed, ms of processor time: ${worst.map(Math.round).join(', ')}`);
  const long = await page.evaluate(() => globalThis.long);
  t.diagnostic(`long tasks by the clock, ms: ${long.sort((a, b) => b - a).join(', ') || 'none'}`);
  assert.ok(Math.min(...worst) <= limit, `the longest task took ${Math.min(...worst)} ms`);
});
