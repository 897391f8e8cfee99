// The sample configurations of nginx and Caddy, run for real in front of the server: TLS, sockets, whose address counts,
// large files, figures kept inside, and a server that is restarted behind them.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { AgentClient, VisitorClient } from '../../client/webchat-client.js';
import { freePort, Server } from './lib/server.mjs';
import { test } from './lib/test.mjs';
import { push } from './lib/wait.mjs';

const SAMPLES = new URL('../../packaging/proxy/', import.meta.url);
const MIB = 1024 * 1024;

/** The sample with what differs on this machine put in its place; each of them has to be there. */
async function sample(name, here) {
  let text = await readFile(new URL(name, SAMPLES), 'utf8');
  for (const [sampled, put] of Object.entries(here)) {
    assert.ok(text.includes(sampled), `${name} has ${sampled}`);
    text = text.replaceAll(sampled, put);
  }
  return text;
}

const PROXIES = {
  async nginx(folder, port, server) {
    const site = await sample('nginx.conf', {
      'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
      '/etc/letsencrypt/live/chat.example.com/fullchain.pem': join(folder, 'certificate.pem'),
      '/etc/letsencrypt/live/chat.example.com/privkey.pem': join(folder, 'key.pem'),
      '127.0.0.1:8080': `127.0.0.1:${server.port}`,
    });
    const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${folder}/${what};`).join(' ');
    const user = process.getuid() === 0 ? 'user root;' : '';
    await writeFile(join(folder, 'nginx.conf'), `${user} pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${kept}\n${site}\n}`);
    return ['nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;']];
  },
  async caddy(folder, port, server) {
    const site = await sample('Caddyfile', {
      'chat.example.com {': `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${folder}/certificate.pem ${folder}/key.pem`,
      '127.0.0.1:8080': `127.0.0.1:${server.port}`,
    });
    await writeFile(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${folder}/caddy\n}\n${site}`);
    return ['caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']];
  },
};

/** The server behind one of them. What is asked goes through the proxy, from an address of this machine. */
async function behind(t, name) {
  const folder = await mkdtemp(join(tmpdir(), 'webchat-proxy-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')], { stdio: 'ignore' });
  const ca = await readFile(join(folder, 'certificate.pem'));
  const port = await freePort();
  const url = `https://localhost:${port}`;
  // Only the proxy itself is trusted, so that other addresses of this machine stand for visitors.
  const server = await Server.demo(t, ['--public-url', url, '--trusted-proxies', '127.0.0.1/32']);
  const [program, flags] = await PROXIES[name](folder, port, server);
  const proxy = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  proxy.stderr.on('data', (part) => (log += part));
  const ended = new Promise((resolve) => proxy.once('exit', resolve));
  t.after(async () => {
    proxy.kill('SIGTERM');
    await ended;
  });
  for (let tries = 0; !(await listens(port)); tries += 1) {
    assert.ok(tries < 100 && proxy.exitCode === null, log);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  /** One request through the proxy. */
  const ask = (method, path, { from = '127.0.0.2', body, headers = {} } = {}) => new Promise((yes, no) => {
    const asked = request(`${url}${path}`, {
      method, ca, localAddress: from, family: 4, agent: false,
      headers: { origin: url, ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }), ...headers },
    }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      yes({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() });
    });
    asked.once('error', no);
    asked.end(body);
  });
  const Socket = class extends WebSocket {
    constructor(address, options) { super(address, { ca, family: 4, localAddress: '127.0.0.2', ...options }); }
  };
  return { server, url, ask, Socket };
}

const listens = (port) => new Promise((yes) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); yes(true); });
  socket.once('error', () => yes(false));
});

for (const name of Object.keys(PROXIES)) {
  let missing = false;
  try { execFileSync(name, [name === 'nginx' ? '-v' : 'version'], { stdio: 'ignore' }); } catch { missing = `${name} is not installed`; }

  test(`a chat, a large file and a restart behind ${name}`, { skip: missing }, async (t) => {
    const { server, url, ask, Socket } = await behind(t, name);
    assert.equal((await ask('GET', '/livez')).status, 200);
    assert.equal((await ask('GET', '/metrics')).status, 404, 'figures stay on this machine');
    assert.equal((await fetch(`${server.url}/metrics`)).status, 200);

    // Who guesses passwords is stopped by address, stops nobody else, and cannot say to be somebody else.
    const guess = (from, headers) => ask('POST', '/api/v1/session', { from, headers, body: '{"login":"nobody","password":"a wrong one"}' });
    for (let tries = 0; tries < 6; tries += 1) assert.equal((await guess('127.0.0.2')).status, 401);
    assert.equal((await guess('127.0.0.2')).status, 429);
    assert.equal((await guess('127.0.0.2', { 'x-forwarded-for': '198.51.100.7' })).status, 429);
    assert.equal((await guess('127.0.0.3')).status, 401);

    const signIn = async (login) => {
      const { status, headers, text } = await ask('POST', '/api/v1/session', { body: JSON.stringify({ login, password: server.password(login) }) });
      assert.equal(status, 200, text);
      assert.match(headers['set-cookie'][0], /; Secure/, 'the cookie goes back encrypted only');
      return { cookie: headers['set-cookie'][0].split(';')[0], 'x-csrf-token': JSON.parse(text).csrf };
    };
    const admin = await signIn('admin');
    const { settings } = JSON.parse((await ask('GET', '/api/v1/campaigns/1', { headers: admin })).text);
    settings.files = { allowed: true, max_kib: 51_200, kinds: ['text'] };
    assert.equal((await ask('PUT', '/api/v1/campaigns/1', { headers: admin, body: JSON.stringify(settings) })).status, 200);

    const { cookie } = await signIn('ana');
    const ana = new AgentClient({ server: url, WebSocket: Socket, headers: { cookie, origin: url } });
    const visitor = new VisitorClient({ server: url, campaign: 1, WebSocket: Socket, headers: { origin: url } });
    t.after(() => { ana.close(); visitor.close(); });
    await ana.connect();
    await visitor.connect();
    const { chat } = await visitor.start({ name: 'Eva', email: 'eva@mail.example', extra: '099 123 456' });
    const heard = push(ana, 'message', ({ message }) => message.text === 'hello');
    await visitor.write('hello');
    await heard;

    const file = Buffer.alloc(50 * MIB, 'webchat ');
    const sent = await ask('POST', `/api/v1/chats/${chat.chat}/files?key=large&name=large.txt`, {
      body: file, headers: { authorization: `Bearer ${visitor.token}`, 'content-type': 'application/octet-stream' },
    });
    assert.equal(sent.status, 201, sent.text);

    const lost = push(visitor, 'lost');
    await server.stop();
    await lost;
    const waiting = visitor.write('still here');
    await server.start();
    await waiting;
    await ana.write(chat.chat, 'so am I');
    const { messages } = await ana.history(chat.chat);
    const said = messages.filter(({ author, automatic }) => author.kind !== 'system' && !automatic).map(({ text }) => text);
    assert.deepEqual(said, ['hello', 'large.txt', 'still here', 'so am I']);
  });
}

test('no proxy gives a quiet socket up before the server has asked twice', async () => {
  const limits = await readFile(new URL('../../webchat-http/src/limits.rs', import.meta.url), 'utf8');
  const asks = Number(limits.match(/PING_TIME: Duration = Duration::from_secs\((\d+)\)/)[1]);
  const nginx = await readFile(new URL('nginx.conf', SAMPLES), 'utf8');
  const [, waits] = nginx.match(/proxy_read_timeout (\d+)s;/);
  assert.ok(Number(waits) >= 2 * asks, `${waits} s, asked each ${asks} s`);
});
