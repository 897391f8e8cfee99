// The client library against the real server: a conversation, and a server that is killed in the middle of it.

import assert from 'node:assert/strict';
import test from 'node:test';
import { WebSocket } from 'ws';
import { AgentClient, Refusal, VisitorClient } from '../../client/webchat-client.js';
import { Server } from './lib/server.mjs';
import { push } from './lib/wait.mjs';

test('a visitor and an agent talk, the server dies, and no message is lost or doubled', { timeout: 120_000 }, async (t) => {
  const server = await Server.demo(t);
  const password = server.password('ana');
  const ana = await AgentClient.signIn({ server: server.url, login: 'ana', password, WebSocket });
  const visitor = new VisitorClient({ server: server.url, campaign: 1, language: 'es', headers: { origin: server.url }, WebSocket });
  t.after(() => { ana.close(); visitor.close(); });
  await ana.connect();
  await visitor.connect();
  const got = push(ana, 'chat');
  const { chat } = await visitor.start({ name: 'Luz', email: 'luz@example.org', extra: '099 123 456' });
  assert.ok(chat, 'the chat is admitted');
  const { view } = await got;
  assert.equal(view.visitor.name, 'Luz');

  const heard = push(ana, 'message', ({ message }) => message.text === 'hola');
  const first = await visitor.write('hola');
  assert.equal((await heard).message.number, first.number);

  const lost = push(visitor, 'lost');
  await server.kill();
  await lost;
  // Written while nobody is there: it waits, and is sent when the server is back.
  const waiting = visitor.write('sigo acá');
  await server.start();
  const { number } = await waiting;
  await ana.write(chat.chat, 'la escucho');
  const { messages } = await ana.history(chat.chat);
  const said = messages.filter(({ author, automatic }) => author.kind === 'visitor' || author.kind === 'agent' && !automatic).map(({ text }) => text);
  assert.deepEqual(said, ['hola', 'sigo acá', 'la escucho']);
  assert.equal(messages.find(({ text }) => text === 'sigo acá').number, number);

  await assert.rejects(visitor.write(''), (error) => error instanceof Refusal && error.code === 'invalid_field');
  const closed = push(visitor, 'closed');
  await ana.endChat(chat.chat);
  assert.equal((await closed).reason, 'agent_closed');
});
