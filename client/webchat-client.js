// A client of webchat's sockets for visitors and agents: requests with answers, pushes, and coming back after a lost
// connection without losing or doubling a message. No dependencies; browsers, and Node from 22 on.

/** A refusal of the server's, or `offline` when nothing can be reached in time. */
export class Refusal extends Error {
  /** @param {{ code?: string, message?: string, field?: string, expected?: string, seconds?: number }} error */
  constructor(error) {
    super(error.message ?? error.code ?? 'refused');
    this.name = 'Refusal';
    this.code = error.code ?? 'unexpected';
    this.field = error.field;
    this.expected = error.expected;
    this.seconds = error.seconds;
  }
}

// Closed for good: refused, signed in elsewhere, signed out.
const FINAL = new Set([1008, 4001, 4002]);
// Worth sending again as it was.
const AGAIN = new Set(['retry', 'shutting_down']);

/** What both sides share: one socket after another, and the requests that wait for an answer. */
class Link {
  #handlers = new Map();
  /** @type {Map<number, { frame: any, yes: (ok: any) => void, no: (why: Refusal) => void, sent: boolean }>} */
  #asked = new Map();
  #next = 1;
  #tries = 0;
  #ended = false;
  #ready = false;
  #timer;
  #socket;

  /** @param {() => WebSocket} open @param {() => object} hello @param {(ok: any) => void} welcome */
  constructor(open, hello, welcome) {
    this.open = open;
    this.hello = hello;
    this.welcome = welcome;
  }

  /** Hears pushes by name, and `open`, `lost` and `end`. @returns {() => void} stops hearing */
  on(name, handler) {
    if (!this.#handlers.has(name)) this.#handlers.set(name, new Set());
    this.#handlers.get(name).add(handler);
    return () => this.#handlers.get(name).delete(handler);
  }

  tell(name, what) {
    for (const handler of this.#handlers.get(name) ?? []) handler(what);
  }

  /** Resolves with what the first hello answers. */
  connect() {
    return new Promise((yes, no) => this.#dial(yes, no));
  }

  #dial(yes, no) {
    const socket = this.open();
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ id: 0, do: 'hello', ...this.hello() }));
    socket.onmessage = ({ data }) => {
      const { re, ok, error, push, ...rest } = JSON.parse(data);
      if (push) return this.tell(push, rest);
      if (re === 0) {
        if (error) return this.#stop(new Refusal(error), no);
        this.#tries = 0;
        this.#ready = true;
        this.welcome(ok);
        yes?.(ok);
        this.tell('open', ok);
        // What was under way when the connection was lost: keys make the repeat harmless.
        for (const asked of this.#asked.values()) socket.send(JSON.stringify(asked.frame));
        return;
      }
      const asked = this.#asked.get(re);
      if (!asked) return;
      if (error && AGAIN.has(error.code)) {
        setTimeout(() => this.#ready && this.#asked.has(re) && this.#socket.send(JSON.stringify(asked.frame)), 1500);
        return;
      }
      this.#asked.delete(re);
      if (error) asked.no(new Refusal(error));
      else asked.yes(ok);
    };
    socket.onclose = ({ code, reason }) => {
      this.#ready = false;
      if (this.#ended) return;
      if (FINAL.has(code)) return this.#stop(new Refusal({ code: 'closed', message: reason || String(code) }), no);
      this.tell('lost', { code });
      const pause = Math.min(30_000, 500 * 2 ** this.#tries++) * (0.5 + Math.random());
      this.#timer = setTimeout(() => this.#dial(yes, no), pause);
    };
    socket.onerror = () => {};
  }

  #stop(why, no) {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    for (const asked of this.#asked.values()) asked.no(why);
    this.#asked.clear();
    no?.(why);
    this.tell('end', why);
  }

  /** Sends a request, now or when the connection is back. */
  ask(name, fields = {}) {
    if (this.#ended) return Promise.reject(new Refusal({ code: 'closed' }));
    const id = this.#next++;
    const frame = { id, do: name, ...fields };
    return new Promise((yes, no) => {
      this.#asked.set(id, { frame, yes, no });
      if (this.#ready) this.#socket.send(JSON.stringify(frame));
    });
  }

  /** Sends what wants no answer, if there is a connection. */
  say(name, fields) {
    if (this.#ready) this.#socket.send(JSON.stringify({ do: name, ...fields }));
  }

  close() {
    this.#stop(new Refusal({ code: 'closed' }));
  }
}

const socketUrl = (server, path) => new URL(path, server).href.replace(/^http/, 'ws');
const newKey = () => crypto.randomUUID();

/** A visitor of one campaign. */
export class VisitorClient {
  #link;
  #seen = 0;

  /** @param {{ server: string, campaign: number, token?: string | null, language?: string, page?: string, WebSocket?: any, headers?: Record<string, string> }} options */
  constructor({ server, campaign, token = null, language, page, WebSocket = globalThis.WebSocket, headers }) {
    this.token = token;
    this.chat = null;
    const url = socketUrl(server, `/api/v1/visitor?campaign=${campaign}`);
    this.#link = new Link(
      () => (headers ? new WebSocket(url, { headers }) : new WebSocket(url)),
      () => ({ token: this.token, language, page, seen: this.#seen }),
      (ok) => {
        this.token = ok.token;
        this.chat = ok.chat;
        for (const message of ok.messages) this.#link.tell('message', { chat: (ok.chat ?? ok.ended)?.chat, message });
        if (ok.ended) this.#link.tell('closed', ok.ended);
      },
    );
    this.#link.on('message', ({ message }) => (this.#seen = Math.max(this.#seen, message.number)));
    this.#link.on('state', ({ view }) => (this.chat = view));
    this.#link.on('closed', () => { this.chat = null; this.#seen = 0; });
  }

  on(name, handler) { return this.#link.on(name, handler); }
  connect() { return this.#link.connect(); }
  close() { this.#link.close(); }

  /** Asks for a chat: the chat, or a refusal with `code` and `text` to show. */
  async start(form = {}) {
    const answer = await this.#link.ask('start', form);
    if (answer.chat) this.chat = answer.chat;
    return answer;
  }

  write(text, key = newKey()) { return this.#link.ask('write', { chat: this.chat?.chat, key, text }); }
  typing(on) { this.#link.say('typing', { chat: this.chat?.chat, on }); }
  read(number) { this.#link.say('seen', { chat: this.chat?.chat, delivered: number, read: number }); }
  end() { return this.#link.ask('end', { chat: this.chat?.chat }); }
  feedback(chat, score, note) { return this.#link.ask('feedback', { chat, score, note }); }
  leaveMessage(message, key = newKey()) { return this.#link.ask('offline', { key, ...message }); }
  /** Any request of docs/protocol.md. */
  ask(name, fields) { return this.#link.ask(name, fields); }
}

/** An agent; in a browser the session cookie of this origin signs in, elsewhere `signIn` does. */
export class AgentClient {
  #link;

  /** @param {{ server: string, WebSocket?: any, headers?: Record<string, string> }} options */
  constructor({ server, WebSocket = globalThis.WebSocket, headers }) {
    this.chats = new Map();
    const url = socketUrl(server, '/api/v1/agent');
    this.#link = new Link(
      () => (headers ? new WebSocket(url, { headers }) : new WebSocket(url)),
      () => ({}),
      (ok) => { this.chats = new Map(ok.chats.map((view) => [view.chat, view])); },
    );
    this.#link.on('chat', ({ view }) => this.chats.set(view.chat, view));
    this.#link.on('gone', ({ chat }) => this.chats.delete(chat));
  }

  /** Signs in over HTTP, for programs: browsers keep the cookie themselves. */
  static async signIn({ server, login, password, WebSocket }) {
    const origin = new URL(server).origin;
    const answer = await fetch(new URL('/api/v1/session', server), {
      method: 'POST', headers: { 'content-type': 'application/json', origin }, body: JSON.stringify({ login, password }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Refusal({ ...body, message: body.detail });
    const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    return new AgentClient({ server, WebSocket, headers: { cookie, origin } });
  }

  on(name, handler) { return this.#link.on(name, handler); }
  connect() { return this.#link.connect(); }
  close() { this.#link.close(); }

  write(chat, text, key = newKey()) { return this.#link.ask('write', { chat, key, text }); }
  note(chat, text, key = newKey()) { return this.#link.ask('note', { chat, key, text }); }
  take(chat) { return this.#link.ask('take', { chat }); }
  accept(chat) { return this.#link.ask('accept', { chat }); }
  refuse(chat) { return this.#link.ask('refuse', { chat }); }
  history(chat, after = 0) { return this.#link.ask('history', { chat, after }); }
  endChat(chat, disposition) { return this.#link.ask('close', { chat, disposition }); }
  transfer(chat, to) { return this.#link.ask('transfer', { chat, ...to }); }
  pause(reason) { return this.#link.ask('pause', { reason }); }
  resume() { return this.#link.ask('resume'); }
  typing(chat, on) { this.#link.say('typing', { chat, on }); }
  read(chat, number) { this.#link.say('seen', { chat, delivered: number, read: number }); }
  signOut(force = false) { return this.#link.ask('sign_out', { force }); }
  /** Any request of docs/protocol.md. */
  ask(name, fields) { return this.#link.ask(name, fields); }
}
