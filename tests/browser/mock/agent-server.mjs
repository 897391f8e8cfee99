// A small contact centre that speaks the agent's half of docs/protocol.md, so that the console can be driven
// without the real server. One tenant in memory; the test plays visitors, colleagues and the network.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { within } from '../lib/wait.mjs';

const ROOT = fileURLToPath(new URL('../../../webchat-http/assets/console/', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const REFUSED = Symbol('refused');

/** A campaign's settings as the server completes them. */
const SETTINGS = {
  enabled: true, mode: 'nocall', order: 'rrmemory', penalty_tiers: false, offer_timeout: 0, pause_after_lapses: 0, weight: 0, answer_within: 20, target_percent: 0,
  schedule: { always: true, zone: 'UTC' }, on_close: 'seed_rule', default_language: 'en', welcome: {}, out_of_time: {}, not_available: {}, feedback: {}, automatic: {}, alias: {},
  agent_cap: 3, quality_model: 0, dropout: 0, time_chat: 0, acd: 0, max_chats: 0, no_waiting: false, time_out: 0, auto_finish: 300, waiting_floor: 120, show_agent_name: true,
  feedback_form: true, require_email: false, media: false, files: { allowed: false, max_kib: 5120, kinds: ['image', 'document', 'text'] }, offline_message: false, offline_address: '', offline_when_full: false, transcript_by_mail: false, notice_addresses: [], notice_cleared: false,
  extra_field: { visible: false, required: false, label: {}, pattern: '' }, allowed_domains: [], when_empty: 'refuse', leave_when_empty_after: 0, wrap_up: 0, on_agent_lost: 'requeue',
  disposition_required: false, dispositions: [], retention_days: 0,
};

/** What a request is refused with. */
const refuse = (code, more = {}) => ({ [REFUSED]: { code, message: code, ...more } });

export class Centre {
  users = [];
  campaigns = [];
  chats = new Map();
  /** Frames that came from consoles, in order. */
  frames = [];
  /** Requests whose answer is swallowed, by `do`; the work is still done. */
  swallow = new Set();
  /** Codes to answer with once, by `do`. */
  failOnce = new Map();
  /** Settings problems to answer the next save with. */
  problems = null;
  /** Remarks to answer a save with. */
  warnings = [];
  /** Whether notes carry the key of their author. */
  noteKeys = true;
  offerSeconds = 20;
  #sessions = new Map();
  #sockets = new Map();
  #nextChat = 1;
  #down = false;
  /** What the readiness probe answers. */
  why = 'ready';
  #waiters = [];

  async listen() {
    this.server = createServer((request, response) => this.#serve(request, response));
    this.sockets = new WebSocketServer({ noServer: true });
    this.server.on('upgrade', (request, socket, head) => {
      const user = this.#userOf(request);
      if (this.#down || !user?.agent) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, ws => this.#greet(ws, user));
    });
    await new Promise(done => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async close() {
    for (const ws of this.sockets.clients) ws.terminate();
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  /** @param {{ login: string, name: string, role?: string, password?: string }} user */
  addUser({ login, name, role = 'agent', password = 'secret-1' }) {
    const id = this.users.length + 1;
    const user = { id, login, name, role, voice: true, disabled: false, password, agent: role === 'administrator' ? null : id, paused: null, on_call: false };
    this.users.push(user);
    return user;
  }

  addCampaign(fields = {}) {
    const campaign = { campaign: this.campaigns.length + 1, name: `Campaign ${this.campaigns.length + 1}`, colour: '#0a7d5c', pull: false, cap: 3, answer_within: 20, time_chat: 600, open: true, why_not: null, members: [], dispositions: [], disposition_required: false, ...fields };
    campaign.settings ??= { ...SETTINGS, name: campaign.name, colour: campaign.colour };
    this.campaigns.push(campaign);
    return campaign;
  }

  /** A visitor asks for a chat and waits. */
  arrive({ campaign = 1, name = null, email = null, extra = null, language = 'es', page = null, at = Date.now(), since = at, messages = [] } = {}) {
    const chat = `${this.#nextChat++}-1`;
    const one = { chat, campaign, phase: { kind: 'waiting' }, visitor: { name, email, extra, language, page }, connected: true, requested_at: at, since, owner: null, participants: [], last: 0, delivered: 0, read: 0,
      priority: 0, returned: false, messages: [], notes: [] };
    this.chats.set(chat, one);
    for (const text of messages) this.say(chat, text);
    this.#tellWaiting(campaign);
    return chat;
  }

  offer(chat, agent, { seconds = this.offerSeconds } = {}) {
    const one = this.chats.get(chat);
    one.phase = { kind: 'offered', agent, lapses_at: Date.now() + seconds * 1000 };
    one.since = Date.now();
    this.#push(agent, { push: 'chat', view: view(one) });
    this.#tellWaiting(one.campaign);
  }

  /** The offer lapses: back to its place. */
  lapse(chat) {
    const one = this.chats.get(chat);
    const { agent } = one.phase;
    one.phase = { kind: 'waiting' };
    this.#push(agent, { push: 'gone', chat, reason: 'offer_lapsed' });
    this.#tellWaiting(one.campaign);
  }

  /** The chat becomes active with this agent, without asking. */
  assign(chat, agent, { since = Date.now(), automatic = null, say = name => `${name} joined the chat` } = {}) {
    const one = this.chats.get(chat);
    one.phase = { kind: 'active' };
    one.since = since;
    one.owner = agent;
    one.participants = [agent];
    this.#store(one, { kind: 'system' }, say(this.#user(agent).name), { code: 'agent_joined', at: since });
    if (automatic) this.#store(one, { kind: 'agent', agent, name: this.#user(agent).name }, automatic, { automatic: true, at: since });
    this.#tellChat(one);
    this.#tellWaiting(one.campaign);
  }

  /** The visitor says something. */
  say(chat, text, { at = Date.now() } = {}) {
    const one = this.chats.get(chat);
    return this.#store(one, { kind: 'visitor', name: one.visitor.name }, text, { at });
  }

  /** A message of the agent, as another browser of the same person would have written it. */
  reply(chat, agent, text, { at = Date.now() } = {}) {
    return this.#store(this.chats.get(chat), { kind: 'agent', agent, name: this.#user(agent).name }, text, { at });
  }

  note(chat, agent, text, { at = Date.now() } = {}) {
    const one = this.chats.get(chat);
    const note = { agent, name: this.#user(agent).name, text, at, key: null };
    one.notes.push(note);
    for (const other of one.participants) this.#push(other, { push: 'note', chat, note });
  }

  visitorTypes(chat, on) {
    for (const agent of this.chats.get(chat).participants) this.#push(agent, { push: 'typing', chat, on });
  }

  visitorSees(chat, delivered, read) {
    const one = this.chats.get(chat);
    Object.assign(one, { delivered, read });
    for (const agent of one.participants) this.#push(agent, { push: 'seen', chat, delivered, read });
  }

  /** @param {boolean} connected */
  visitorConnection(chat, connected) {
    const one = this.chats.get(chat);
    one.connected = connected;
    this.#tellChat(one);
  }

  end(chat, reason) {
    const one = this.chats.get(chat);
    this.chats.delete(chat);
    for (const agent of one.participants) this.#push(agent, { push: 'gone', chat, reason });
    this.#tellWaiting(one.campaign);
  }

  /** A colleague takes the transfer. */
  acceptTransfer(chat, agent) {
    const one = this.chats.get(chat);
    const before = one.owner;
    one.owner = agent;
    one.participants = [agent];
    one.phase = { kind: 'active' };
    one.since = Date.now();
    this.#push(before, { push: 'gone', chat, reason: 'transferred' });
    this.#tellChat(one);
  }

  /** Cuts every console's socket, as a failing network does. */
  cut() {
    for (const ws of this.sockets.clients) ws.terminate();
  }

  /** While down, sockets are refused. */
  set down(on) {
    this.#down = on;
    if (on) this.cut();
  }

  kick(agent, code) {
    this.#sockets.get(agent)?.close(code);
  }

  setWhyNot(campaign, code) {
    this.campaigns[campaign - 1].why_not = code;
    for (const agent of this.#sockets.keys()) this.#push(agent, { push: 'campaigns', campaigns: this.#campaignViews() });
  }

  /** Resolves with the first frame, past or future, that fits. */
  frame(fits) {
    const past = this.frames.find(fits);
    if (past) return Promise.resolve(past);
    return within(new Promise(resolve => this.#waiters.push({ fits, resolve })), `a frame with ${fits}`);
  }

  messagesOf(chat) {
    return this.chats.get(chat).messages.map(m => ({ number: m.number, kind: m.author.kind, text: m.text }));
  }

  #noteFor({ key, ...note }, agent) {
    return this.noteKeys && note.agent === agent ? { ...note, key } : note;
  }

  #user(agent) {
    return this.users.find(u => u.agent === agent);
  }

  #userOf(request) {
    const cookie = /webchat_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    return this.#sessions.get(cookie)?.user ?? null;
  }

  #campaignViews() {
    return this.campaigns.map(({ campaign, name, colour, pull, cap, answer_within, time_chat, open, why_not, dispositions, disposition_required }) => ({ campaign, name, colour, pull, cap, answer_within, time_chat, open, why_not, dispositions, disposition_required }));
  }

  #waiting(campaign) {
    const all = [...this.chats.values()].filter(c => c.campaign === campaign && ['waiting', 'offered'].includes(c.phase.kind)).sort((a, b) => a.requested_at - b.requested_at);
    return { campaign, total: all.length, chats: all.slice(0, 50).map(view) };
  }

  #tellWaiting(campaign) {
    for (const agent of this.#sockets.keys()) this.#push(agent, { push: 'waiting', ...this.#waiting(campaign) });
  }

  #tellChat(one) {
    for (const agent of one.participants) this.#push(agent, { push: 'chat', view: view(one) });
  }

  #store(one, author, text, { at = Date.now(), code = null, automatic = false, key = null } = {}) {
    const message = { number: ++one.last, at, author, text, code, automatic, key };
    one.messages.push(message);
    for (const agent of one.participants) {
      this.#push(agent, { push: 'message', chat: one.chat, message: { ...message, key: author.agent === agent ? key : null } });
    }
    return message;
  }

  #push(agent, frame) {
    const ws = this.#sockets.get(agent);
    if (ws?.readyState === ws?.OPEN) ws?.send(JSON.stringify(frame));
  }

  #me(user) {
    return { agent: user.agent, name: user.name, signed_in: true, paused: user.paused, on_call: user.on_call };
  }

  #greet(ws, user) {
    ws.on('message', bytes => {
      const frame = JSON.parse(String(bytes));
      const { id, do: what, ...fields } = frame;
      let answer = this.failOnce.has(what) ? refuse(this.failOnce.get(what)) : undefined;
      this.failOnce.delete(what);
      answer ??= what === 'hello' ? this.#hello(ws, user) : this.#act(user, what, fields);
      this.frames.push(frame);
      this.#waiters = this.#waiters.filter(w => !w.fits(frame) || w.resolve(frame));
      if (id === undefined || ws.readyState !== ws.OPEN) return;
      if (this.swallow.delete(what)) return;
      ws.send(JSON.stringify(answer?.[REFUSED] ? { re: id, error: answer[REFUSED] } : { re: id, ok: answer ?? {} }));
    });
    ws.on('close', () => {
      if (this.#sockets.get(user.agent) === ws) this.#sockets.delete(user.agent);
    });
  }

  #hello(ws, user) {
    const before = this.#sockets.get(user.agent);
    if (before && before !== ws) before.close(4001);
    this.#sockets.set(user.agent, ws);
    const chats = [...this.chats.values()].filter(c => c.participants.includes(user.agent) || c.phase.agent === user.agent || c.phase.to?.agent === user.agent);
    return { now: Date.now(), me: this.#me(user), campaigns: this.#campaignViews(), agents: this.users.filter(u => u.agent).map(u => ({ agent: u.agent, name: u.name })),
      chats: chats.map(view), waiting: this.campaigns.map(c => this.#waiting(c.campaign)) };
  }

  #act(user, what, f) {
    const agent = user.agent;
    const state = change => {
      Object.assign(user, change);
      this.#push(agent, { push: 'me', me: this.#me(user) });
      return {};
    };
    if (what === 'ping') return {};
    if (what === 'pause') return state({ paused: f.reason });
    if (what === 'resume') return state({ paused: null });
    if (what === 'on_call') return state({ on_call: f.on });
    if (what === 'sign_out') return {};
    if (what === 'destinations') {
      const campaigns = this.campaigns.map(({ campaign, name, colour, open }) => ({ campaign, name, colour, open }));
      return { agents: this.users.filter(u => u.agent).map(u => ({ agent: u.agent, name: u.name, signed_in: true, paused: false })), campaigns };
    }
    const one = this.chats.get(f.chat);
    if (!one) return refuse('unknown_chat');
    const mine = one.participants.includes(agent);
    switch (what) {
      case 'take':
        if (one.phase.kind !== 'waiting') return refuse('already_taken');
        this.assign(one.chat, agent);
        return { chat: view(one) };
      case 'accept':
        if (one.phase.kind === 'offered' && one.phase.agent === agent) this.assign(one.chat, agent);
        else if (one.phase.kind === 'transferring' && one.phase.to.agent === agent) this.acceptTransfer(one.chat, agent);
        else return refuse('not_available');
        return { chat: view(one) };
      case 'refuse':
        if (one.phase.kind === 'transferring') {
          one.phase = { kind: 'active' };
          this.#tellChat(one);
        } else one.phase = { kind: 'waiting' };
        this.#push(agent, { push: 'gone', chat: one.chat, reason: 'refused' });
        this.#tellWaiting(one.campaign);
        return {};
    }
    if (what === 'history' && (mine || one.owner == null || one.phase.to?.agent === agent)) {
      return { messages: one.messages.filter(m => m.number > f.after).slice(0, f.limit ?? 200).map(m => ({ ...m, key: m.author.agent === agent ? m.key : null })), notes: one.notes.map(n => this.#noteFor(n, agent)), last: one.last };
    }
    if (!mine) return refuse('not_owner');
    switch (what) {
      case 'write': {
        const known = one.messages.find(m => m.key === f.key);
        if (known) return known.text === f.text ? { number: known.number, at: known.at } : refuse('conflicting_key');
        if (f.text.length > 4000) return refuse('invalid_field', { field: 'text', expected: '1 to 4000 characters' });
        const message = this.#store(one, { kind: 'agent', agent, name: user.name }, f.text, { key: f.key });
        return { number: message.number, at: message.at };
      }
      case 'note': {
        if (this.noteKeys && one.notes.some(n => n.key === f.key)) return {};
        const note = { agent, name: user.name, text: f.text, at: Date.now(), key: f.key };
        one.notes.push(note);
        for (const other of one.participants) this.#push(other, { push: 'note', chat: one.chat, note: this.#noteFor(note, other) });
        return {};
      }
      case 'close':
        if (this.campaigns[one.campaign - 1].disposition_required && !f.disposition) return refuse('invalid_field', { field: 'disposition', expected: 'a disposition' });
        this.end(one.chat, 'agent_closed');
        return {};
      case 'transfer':
        one.phase = { kind: 'transferring', to: f.agent ? { agent: f.agent } : { campaign: f.campaign }, lapses_at: Date.now() + 30_000 };
        one.since = Date.now();
        this.#tellChat(one);
        if (f.agent) this.#push(f.agent, { push: 'chat', view: view(one) });
        return {};
      case 'cancel_transfer':
        one.phase = { kind: 'active' };
        this.#tellChat(one);
        return {};
      case 'typing':
      case 'seen':
        return {};
      default:
        return refuse('bad_request');
    }
  }

  async #serve(request, response) {
    const url = new URL(request.url, 'http://mock');
    const send = (status, body, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (url.pathname.startsWith('/api/v1/')) {
      let text = '';
      for await (const part of request) text += part;
      return this.#rest(request, url.pathname.slice('/api/v1'.length), text ? JSON.parse(text) : undefined, send);
    }
    if (url.pathname === '/readyz') return send(this.why === 'ready' ? 200 : 503, { ready: this.why === 'ready', why: this.why });
    if (!url.pathname.startsWith('/console/')) return send(404, { code: 'not_found' });
    const path = normalize(url.pathname.slice('/console/'.length) || 'index.html');
    try {
      const body = await readFile(join(ROOT, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
      response.end(body);
    } catch {
      send(404, { code: 'not_found' });
    }
  }

  #rest(request, path, body, send) {
    const error = (status, code, more = {}) => send(status, { code, detail: code, ...more });
    const cookie = /webchat_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    const session = this.#sessions.get(cookie);
    if (path === '/session/ways') return send(200, { password: true, provider: this.provider ?? null });
    if (path === '/session' && request.method === 'POST') {
      const user = this.users.find(u => u.login === body.login && u.password === body.password && !u.disabled);
      if (!user) return error(401, 'not_allowed');
      if (user.initial && !body.new) return error(403, 'new_password_needed');
      if (body.new && (body.new.length < 8 || body.new === user.password)) return error(422, 'invalid_field', { field: 'new' });
      if (body.new) Object.assign(user, { password: body.new, initial: false });
      const id = randomUUID();
      const csrf = randomUUID();
      this.#sessions.set(id, { user, csrf });
      return send(200, sessionBody(user, csrf), { 'set-cookie': `webchat_session=${id}; HttpOnly; SameSite=Strict; Path=/` });
    }
    if (!session) return error(401, 'not_signed_in');
    if (path === '/session' && request.method === 'GET') return send(200, sessionBody(session.user, session.csrf));
    if (request.headers['x-csrf-token'] !== session.csrf) {
      if (request.method !== 'GET') return error(403, 'not_allowed');
    }
    if (path === '/session' && request.method === 'DELETE') {
      this.#sessions.delete(cookie);
      return send(204);
    }
    if (session.user.role !== 'administrator') return error(403, 'not_allowed');
    return this.#administer(request.method, path.split('/').filter(Boolean), body, send, error);
  }

  #administer(method, [kind, id, part], body, send, error) {
    if (kind === 'campaigns') {
      const one = id && this.campaigns.find(c => c.campaign === Number(id));
      const row = c => ({ campaign: c.campaign, settings: c.settings, open: c.open, waiting: this.#waiting(c.campaign).total, active: [...this.chats.values()].filter(x => x.campaign === c.campaign && x.phase.kind === 'active').length });
      if (id && !one) return error(404, 'unknown_campaign');
      if (part === 'members') {
        if (method === 'PUT') one.members = body;
        return send(200, one.members);
      }
      if (method === 'GET') return send(200, one ? row(one) : this.campaigns.map(row));
      if (method === 'DELETE') {
        if (row(one).active + row(one).waiting > 0) return error(409, 'campaign_live');
        this.campaigns.splice(this.campaigns.indexOf(one), 1);
        return send(204);
      }
      const problems = this.problems;
      this.problems = null;
      if (problems) return error(422, 'invalid_field', { problems });
      this.saved = body;
      if (one) {
        Object.assign(one, { settings: body, name: body.name });
        return send(200, { campaign: one.campaign, warnings: this.warnings });
      }
      const made = this.addCampaign({ settings: body, name: body.name });
      return send(201, { campaign: made.campaign, warnings: this.warnings });
    }
    if (kind === 'users') {
      const row = ({ password, paused, on_call, ...shown }) => shown;
      const one = id && this.users.find(u => u.id === Number(id));
      if (id && !one) return error(404, 'unknown_agent');
      if (method === 'GET') return send(200, one ? row(one) : this.users.map(row));
      if (method === 'DELETE') {
        this.users.splice(this.users.indexOf(one), 1);
        return send(204);
      }
      if (this.users.some(u => u !== one && u.login === body.login)) return error(422, 'invalid_field', { problems: [{ field: 'login', value: body.login, expected: 'a login nobody else has' }] });
      if (one) Object.assign(one, body);
      else return send(201, row(Object.assign(this.addUser(body), { disabled: body.disabled, voice: body.voice ?? false })));
      return send(200, row(one));
    }
    return error(404, 'not_found');
  }
}

function sessionBody({ id, login, name, role, agent }, csrf) {
  return { user: { id, login, name, role, agent }, csrf, password: true };
}

function view({ messages, notes, ...shown }) {
  return shown;
}
