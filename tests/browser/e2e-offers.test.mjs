// Who gets a chat, in real browsers: offers that are not taken, caps, slots that are freed, agents whose browser dies.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { launch, newPage } from './lib/browser.mjs';
import { signIn } from './lib/console.mjs';
import { Crowd } from './lib/crowd.mjs';
import { Server } from './lib/server.mjs';
import { Visitor } from './lib/visitor.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** An agent at the desk, in a browser. */
async function atDesk(t, server, login) {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(30_000);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/`);
  await signIn(page, login, server.password(login));
  await page.getByRole('button', { name: /^Your state/ }).waitFor();
  return page;
}

async function edit(server, change) {
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, time_out: 0, when_empty: 'admit', ...change });
  return admin;
}

test('an offer that is not taken goes to the next agent, who takes it', async (t) => {
  const server = await Server.demo(t);
  await edit(server, { offer_timeout: 4, order: 'linear' });
  const ana = await atDesk(t, server, 'ana');
  const bruno = await atDesk(t, server, 'bruno');
  const visitor = await new Crowd(t, server).visitor({ name: 'Lucía' });
  await ana.getByRole('article', { name: 'Offer: Lucía' }).waitFor();
  assert.equal(await bruno.getByRole('article').count(), 0, 'one agent is asked at a time');
  await ana.getByText('The offer of Lucía lapsed').first().waitFor();
  const offer = bruno.getByRole('article', { name: 'Offer: Lucía' });
  await offer.getByRole('button', { name: 'Accept' }).click();
  await bruno.getByRole('textbox', { name: 'Reply to Lucía' }).waitFor();
  assert.equal(await ana.getByRole('article').count(), 0);
  await visitor.push((push) => push.push === 'state' && push.view.phase === 'active');
});

test('twenty visitors and three agents: nobody over the cap, and a freed slot is filled in the same step', async (t) => {
  const server = await Server.demo(t);
  await edit(server, { agent_cap: 2, wrap_up: 0 });
  const crowd = new Crowd(t, server);
  const agents = [await crowd.agent('ana'), await crowd.agent('bruno'), await crowd.agent('carla')];
  const visitors = await crowd.visitors(20);
  assert.ok(visitors.every((visitor) => visitor.chat));
  const supervisor = await crowd.supervisor('sofia');
  await supervisor.push((push) => push.campaigns?.some((card) => card.campaign === 1 && card.active === 6 && card.waiting === 14));

  /** The chats an agent has, as its pushes tell them one after the other, and the most there were at once. */
  const held = (agent) => {
    const chats = new Set();
    let most = 0;
    for (const push of agent.pushes) {
      if (push.push === 'gone') chats.delete(push.chat);
      if (push.push === 'chat' && push.view.phase.kind === 'active') chats.add(push.view.chat);
      most = Math.max(most, chats.size);
    }
    return { chats: [...chats], most };
  };
  for (let left = 13; left >= 0; left--) {
    const agent = agents[left % 3];
    const [chat] = held(agent).chats;
    await agent.ask('close', { chat });
    await supervisor.push((push) => push.campaigns?.some((card) => card.campaign === 1 && card.waiting <= left));
  }
  for (const agent of agents) {
    await agent.ask('ping');
    assert.deepEqual([held(agent).most, held(agent).chats.length], [2, 2]);
  }
  // The floor is read between steps: had a slot stood free with somebody waiting, some reading would show five.
  const seen = supervisor.pushes.flatMap((push) => push.campaigns ?? []).filter((card) => card.campaign === 1);
  assert.deepEqual([...new Set(seen.map((card) => card.active))], [6]);
  // First come, first served.
  const order = agents.flatMap((agent) => agent.pushes.filter((push) => push.push === 'chat' && push.view.phase.kind === 'active'));
  const begun = [...new Map(order.map((push) => [push.view.chat, push.view])).values()].sort((a, b) => a.since - b.since || a.requested_at - b.requested_at);
  assert.deepEqual(begun.map((view) => view.requested_at), begun.map((view) => view.requested_at).toSorted((a, b) => a - b));
});

test('an agent whose browser dies loses the chat after the grace time: ahead of the others, and the visitor is told', async (t) => {
  const server = await Server.demo(t);
  const admin = await edit(server, { agent_cap: 1, wrap_up: 0 });
  await admin('PUT', '/tenant', { ...(await admin('GET', '/tenant')), agent_grace: 2 });
  const ana = await atDesk(t, server, 'ana');
  const lucia = await Visitor.arrive(browser, server, { path: '/demo/?language=es&campaign=1', html: null });
  t.after(() => lucia.page.context().close());
  await lucia.open();
  await lucia.page.locator('input[name=name]').fill('Lucía');
  await lucia.page.locator('form .main').click();
  await ana.getByRole('textbox', { name: 'Reply to Lucía' }).waitFor();
  const pedro = await new Crowd(t, server).visitor({ name: 'Pedro' });
  assert.ok(pedro.chat);

  await ana.context().close();
  await lucia.page.getByText('Se perdió la conexión con el agente').first().waitFor();
  const bruno = await atDesk(t, server, 'bruno');
  await bruno.getByRole('textbox', { name: 'Reply to Lucía' }).waitFor();
  assert.ok(!pedro.pushes.some((push) => push.push === 'state' && push.view.phase === 'active'), 'who waited before is not overtaken');
  await bruno.getByRole('textbox', { name: 'Reply to Lucía' }).fill('Sigo yo, Lucía');
  await bruno.keyboard.press('Enter');
  await lucia.page.getByText('Sigo yo, Lucía', { exact: true }).first().waitFor();
  assert.deepEqual(lucia.problems, []);
});
