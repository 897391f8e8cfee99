// Visitors and agents in numbers, as bare sockets against the real server: what a test needs beside its browsers.
import { once } from 'node:events';
import WebSocket from 'ws';
import { within } from './wait.mjs';

/** Chats one address may start at once; the crowd comes from as many addresses as it takes. */
const STARTS = 25;

class Socket {
  /** @param {string} url @param {import('ws').ClientOptions} options */
  constructor(url, options) {
    this.path = new URL(url).pathname;
    this.socket = new WebSocket(url, options);
    this.asked = new Map();
    this.next = 1;
    /** Everything pushed so far. */
    this.pushes = [];
    this.looking = new Set();
    this.socket.on('error', () => {});
    this.socket.on('message', (text) => this.hear(JSON.parse(String(text))));
    this.socket.on('close', (code, reason) => {
      const gone = new Error(`${this.path} was closed: ${code} ${reason}`);
      for (const { reject } of [...this.asked.values(), ...this.looking]) reject(gone);
    });
  }

  hear(frame) {
    if (frame.push) {
      this.pushes.push(frame);
      for (const look of this.looking) {
        if (!look.wanted(frame)) continue;
        this.looking.delete(look);
        look.resolve(frame);
      }
      return;
    }
    const asked = this.asked.get(frame.re);
    this.asked.delete(frame.re);
    if (frame.error) asked?.reject(Object.assign(new Error(frame.error.message), { code: frame.error.code, seconds: frame.error.seconds }));
    else asked?.resolve(frame.ok);
  }

  /** Asks and resolves with the answer; rejects with the `code` of a refusal, or when the socket ends before it. */
  ask(what, fields = {}) {
    const id = this.next++;
    const answer = new Promise((resolve, reject) => this.asked.set(id, { resolve, reject }));
    this.socket.send(JSON.stringify({ id, do: what, ...fields }));
    return within(answer, `the answer to ${what} on ${this.path}`);
  }

  /** The first push, past or to come, for which `wanted` holds; rejects when the socket ends before it. */
  push(wanted) {
    const known = this.pushes.find(wanted);
    if (known) return Promise.resolve(known);
    const push = new Promise((resolve, reject) => this.looking.add({ wanted, resolve, reject }));
    return within(push, `a push on ${this.path} with ${wanted}`);
  }

  hangUp() {
    this.socket.terminate();
  }
}

export class Crowd {
  /** @param {import('node:test').TestContext} t @param {import('./server.mjs').Server} server */
  constructor(t, server) {
    this.server = server;
    this.sockets = [];
    this.came = 0;
    t.after(() => this.sockets.forEach((socket) => socket.hangUp()));
  }

  async open(path, options = {}) {
    const { url } = this.server;
    const socket = new Socket(url.replace('http', 'ws') + path, { origin: url, ...options });
    this.sockets.push(socket);
    await within(once(socket.socket, 'open'), `a connection to ${path}`);
    return socket;
  }

  /** The cookie of a new session. */
  async cookie(login) {
    const { url } = this.server;
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ login, password: this.server.password(login) }),
    });
    return answer.headers.get('set-cookie').split(';')[0];
  }

  /** An agent at the desk. */
  async agent(login) {
    const agent = await this.open('/api/v1/agent', { headers: { cookie: await this.cookie(login) } });
    agent.desk = await agent.ask('hello');
    return agent;
  }

  /** A supervisor who looks at the floor. */
  async supervisor(login) {
    const supervisor = await this.open('/api/v1/supervisor', { headers: { cookie: await this.cookie(login) } });
    await supervisor.ask('hello');
    return supervisor;
  }

  /** A visitor who asked for a chat; `chat` is null when turned away. */
  async visitor({ campaign = 1, name = `Visitor ${this.came + 1}`, ...form } = {}) {
    const number = this.came++;
    const localAddress = `127.0.${1 + Math.floor(number / STARTS / 250)}.${1 + (Math.floor(number / STARTS) % 250)}`;
    const visitor = await this.open(`/api/v1/visitor?campaign=${campaign}`, { localAddress });
    await visitor.ask('hello', { token: null, language: 'es', seen: 0 });
    const answer = await this.start(visitor, { name, ...form });
    visitor.chat = answer.chat?.chat ?? null;
    visitor.refused = answer.refused ?? null;
    return visitor;
  }

  /** Asks for a chat; who is told to come more slowly does so. */
  async start(visitor, form) {
    for (;;) {
      try {
        return await visitor.ask('start', form);
      } catch (refused) {
        if (refused.code !== 'too_fast') throw refused;
        await new Promise((again) => setTimeout(again, refused.seconds * 1000));
      }
    }
  }

  /** Many visitors, some at a time. */
  async visitors(count, form = () => ({})) {
    const all = [];
    for (let i = 0; i < count; i += 50) {
      const some = Array.from({ length: Math.min(50, count - i) }, (_, k) => this.visitor(form(i + k)));
      all.push(...(await Promise.all(some)));
    }
    return all;
  }
}
