// Speaks the visitor's half of docs/protocol.md, with a test in the place of the contact centre. What it has
// acknowledged outlives `stop()`, as it would on a disk.
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const ASSETS = fileURLToPath(new URL('../../../webchat-http/assets/', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'";

const TEXTS = {
  es: { out_of_time: 'Atendemos de lunes a viernes de 9 a 18 h.', not_available: 'En este momento no hay agentes disponibles.', label: 'Teléfono' },
  en: { out_of_time: 'We are here Monday to Friday, 9 am to 6 pm.', not_available: 'No agent is available at the moment.', label: 'Telephone' },
  pt: { out_of_time: 'Atendemos de segunda a sexta, das 9h às 18h.', not_available: 'No momento não há agentes disponíveis.', label: 'Telefone' },
};

/** What `GET …/window` answers unless a test says otherwise. */
export const SETTINGS = {
  colour: '#0a7d5c', open: true, next_open_at: null, enabled: true, name: 'Andes Outdoor',
  email: 'optional', extra: true, extra_required: false, pattern: null, offline_form: false, feedback_form: true,
  files: null, transcript_by_mail: true,
  limits: { text: 4000, name: 80, email: 254, extra: 256, note: 2000 },
};

/** A visitor's server on 127.0.0.1. Emits `frame` (frame, socket) for each frame and `chat` (chat) for each new chat. */
export class VisitorServer extends EventEmitter {
  settings = { ...SETTINGS };
  welcome = null;
  broken = false; // whether it answers 503
  allowed = true; // whether the page's origin is among the allowed domains
  refusal = null; // the answer of the next `start`, instead of a chat
  position = 2;
  estimate = 90;
  pages = new Map(); // path → HTML of pages the tests add
  frames = [];
  chats = new Map();
  sessions = new Map();
  letters = new Map(); // offline messages by key
  feedback = new Map();
  bytes = new Map(); // of files by id
  fileRefusal = null; // the error every file meets
  loseUpload = false; // whether the next file is stored but its answer lost
  unreachable = false; // whether the window's modules cannot be loaded
  transcripts = []; // addresses conversations were asked for
  #loseAnswer = null;
  #answerWith = null;
  #port = 0;

  async start() {
    this.http = createServer((request, response) => this.#serve(request, response));
    this.sockets = new WebSocketServer({ server: this.http, maxPayload: 16 * 1024 });
    this.sockets.on('connection', (socket) => this.#attend(socket));
    await new Promise((done) => this.http.listen(this.#port, '127.0.0.1', done));
    this.#port = this.http.address().port;
    this.url = `http://127.0.0.1:${this.#port}`;
    return this;
  }

  /** Stops like a killed process: every connection is cut, nothing is answered. */
  async stop() {
    for (const socket of this.sockets.clients) socket.terminate();
    this.http.closeAllConnections();
    if (this.http.listening) await new Promise((done) => this.http.close(done));
  }

  /** Commits the next request of this kind and cuts the connection in place of the answer. */
  loseAnswer(what) {
    this.#loseAnswer = what;
  }

  /** Refuses the next request of this kind with this error. */
  failNext(what, error) {
    this.#answerWith = { what, error };
  }

  cut() {
    for (const socket of this.sockets.clients) socket.terminate();
  }

  // ---- What the contact centre does

  activate(chat, agent = 'Ana') {
    Object.assign(chat.view, { phase: 'active', agent, position: null, estimate: null });
    this.#tell(chat, { push: 'state', view: this.#view(chat) });
    this.system(chat, 'agent_joined', `${agent} se unió a la conversación.`);
  }

  wait(chat, position, estimate) {
    Object.assign(chat.view, { phase: 'waiting', position, estimate });
    this.#tell(chat, { push: 'state', view: this.#view(chat) });
  }

  say(chat, text, name = chat.view.agent) {
    return this.#post(chat, { author: { kind: 'agent', name }, text, code: null, automatic: false, key: null });
  }

  system(chat, code, text) {
    return this.#post(chat, { author: { kind: 'system', name: null }, text, code, automatic: true, key: null });
  }

  typing(chat, on) {
    this.#tell(chat, { push: 'typing', chat: chat.view.chat, on });
  }

  seen(chat, delivered, read) {
    Object.assign(chat.view, { delivered, read });
    this.#tell(chat, { push: 'seen', chat: chat.view.chat, delivered, read });
  }

  close(chat, { reason = 'agent', text = null, feedback = { text: 'Gracias por escribirnos.', form: true, until: Date.now() + 86_400_000 }, ...more } = {}) {
    chat.ended = { chat: chat.view.chat, reason, text, feedback, ...more };
    const session = this.sessions.get(chat.token);
    session.chat = null;
    session.ended = chat;
    this.#tell(chat, { push: 'closed', ...chat.ended });
  }

  // ---- The wire

  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    this.emit('request', request);
    const window = /^\/api\/v1\/campaigns\/(\d+)\/window$/.exec(pathname);
    const send = (status, type, body, headers = {}) => response.writeHead(status, { 'content-type': type, 'access-control-allow-origin': '*', 'content-security-policy': POLICY, ...headers }).end(body);
    if (this.broken && pathname.startsWith('/api/')) return send(503, 'application/json', '{"error":{"code":"retry","message":"storage is recovering"}}');
    if (window) {
      if (!this.allowed) return send(403, 'application/json', '{"error":{"code":"not_allowed","message":"origin is not among the allowed domains"}}');
      return send(200, 'application/json', JSON.stringify(this.#window(+window[1], searchParams.get('language'))));
    }
    if (this.pages.has(pathname)) return send(200, TYPES['.html'], this.pages.get(pathname));
    const module = /^\/widget\/now\/([a-z-]+\.js)$/.exec(pathname)?.[1];
    if (module && this.unreachable) return response.destroy();
    const files = /^\/api\/v1\/chats\/([\d-]+)\/files(?:\/(\w+))?$/.exec(pathname);
    if (files) return this.#file(request, response, files[1], files[2], searchParams);
    const path = module ? `widget/modules/${module}` : pathname === '/widget.js' ? 'widget/widget.js' : normalize(pathname).replace(/^\/+/, '');
    try {
      send(200, TYPES[extname(path)] ?? 'application/octet-stream', await readFile(ASSETS + path));
    } catch {
      send(404, 'text/plain', 'not found');
    }
  }

  #window(campaign, language) {
    const { email, extra, extra_required, pattern, ...rest } = this.settings;
    const { label, ...texts } = TEXTS[language] ?? TEXTS.es;
    return { campaign, language, media: false, ...texts, ...rest, form: { email, extra: extra ? { label, required: extra_required, pattern } : null }, modules: '/widget/now/' };
  }

  /** A file of a chat, in or out, for the bearer of its visitor's token. */
  async #file(request, response, id, wanted, query) {
    const chat = this.chats.get(id);
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${chat?.token}`) return answer(401, { code: 'not_signed_in' });
    if (wanted) {
      const file = chat.messages.find(({ file }) => file?.id === wanted)?.file;
      return file ? response.writeHead(200, { 'content-type': file.mime }).end(this.bytes.get(wanted)) : answer(404, { code: 'not_found' });
    }
    const parts = [];
    for await (const part of request) parts.push(part);
    const bytes = Buffer.concat(parts);
    if (this.fileRefusal) return answer(this.fileRefusal.status ?? 409, this.fileRefusal);
    const key = query.get('key');
    if (!chat.keys.has(key)) {
      const file = { id: `f${this.bytes.size + 1}`, kind: 'image', mime: 'image/png', bytes: bytes.length };
      this.bytes.set(file.id, bytes);
      chat.keys.set(key, this.#post(chat, { author: { kind: 'visitor', name: null }, text: query.get('name'), file, code: null, automatic: false, key }));
    }
    if (this.loseUpload) {
      this.loseUpload = false;
      return request.socket.destroy();
    }
    const { number, at } = chat.keys.get(key);
    answer(201, { number, at });
  }

  #attend(socket) {
    socket.on('message', (text) => {
      const frame = JSON.parse(text);
      this.frames.push(frame);
      this.emit('frame', frame, socket);
      const answer = this.#do(frame, socket);
      if (frame.id === undefined) return;
      if (this.#loseAnswer === frame.do) {
        this.#loseAnswer = null;
        socket.terminate();
      } else if (answer) socket.send(JSON.stringify({ re: frame.id, ...answer }));
      socket.after?.();
      socket.after = null;
    });
  }

  #do(frame, socket) {
    if (this.#answerWith?.what === frame.do) {
      const { error } = this.#answerWith;
      this.#answerWith = null;
      return { error };
    }
    const act = { hello: this.#hello, start: this.#start, write: this.#write, typing: () => {}, seen: this.#seen, end: this.#end, feedback: this.#feedback, transcript: this.#transcript, offline: this.#offline, ping: () => ({ ok: {} }) }[frame.do];
    return act ? act.call(this, frame, socket) : { error: { code: 'bad_request', message: frame.do } };
  }

  #hello({ token, seen }, socket) {
    if (!this.sessions.has(token)) {
      token = randomBytes(32).toString('base64url');
      this.sessions.set(token, { chat: null, ended: null });
    }
    socket.token = token;
    const { chat, ended } = this.sessions.get(token);
    const messages = (chat ?? ended)?.messages.filter(({ number }) => number > seen) ?? [];
    return { ok: { token, chat: chat && this.#view(chat), messages, ended: !chat && ended ? ended.ended : null } };
  }

  #start(visitor, socket) {
    if (this.refusal) return { ok: { refused: this.refusal } };
    const session = this.sessions.get(socket.token);
    if (!session.chat) {
      const chat = { token: socket.token, visitor, messages: [], keys: new Map(), view: { chat: `${this.chats.size + 1}-1`, campaign: 1, phase: 'waiting', position: this.position, estimate: this.estimate, agent: null, language: 'es', delivered: 0, read: 0 } };
      session.chat = chat;
      session.ended = null;
      this.chats.set(chat.view.chat, chat);
      if (this.welcome) this.#post(chat, { author: { kind: 'system', name: null }, text: this.welcome, code: 'welcome', automatic: true, key: null });
      socket.after = () => this.emit('chat', chat);
    }
    return { ok: { chat: this.#view(session.chat) } };
  }

  #write({ chat: id, key, text }, socket) {
    const chat = this.sessions.get(socket.token).chat;
    if (chat?.view.chat !== id) return { error: { code: 'chat_closed', message: 'chat is closed' } };
    if (!chat.keys.has(key)) chat.keys.set(key, this.#post(chat, { author: { kind: 'visitor', name: null }, text, code: null, automatic: false, key }));
    const { number, at } = chat.keys.get(key);
    return { ok: { number, at } };
  }

  #seen({ chat: id, delivered = 0, read = 0 }) {
    const chat = this.chats.get(id);
    if (chat) Object.assign(chat, { visitorDelivered: delivered, visitorRead: read });
  }

  #end({ chat: id }) {
    const chat = this.chats.get(id);
    if (!chat || chat.ended) return { error: { code: 'chat_closed', message: 'chat is closed' } };
    this.close(chat, chat.view.agent ? { reason: 'visitor' } : { reason: 'visitor', feedback: null });
    return { ok: {} };
  }

  #feedback({ chat, score, note }) {
    if (this.feedback.has(chat)) return { error: { code: 'already_submitted', message: 'feedback was given' } };
    this.feedback.set(chat, { score, note });
    this.emit('feedback', chat);
    return { ok: {} };
  }

  #transcript({ chat, email }) {
    this.transcripts.push(email);
    return { ok: { address: email, at_end: !this.chats.get(chat).ended } };
  }

  #offline({ id, do: what, key, ...letter }) {
    if (!this.letters.has(key)) this.letters.set(key, { ...letter, receipt: `R-${1001 + this.letters.size}` });
    return { ok: { receipt: this.letters.get(key).receipt } };
  }

  #post(chat, message) {
    const numbered = { number: chat.messages.length + 1, at: Date.now(), ...message };
    chat.messages.push(numbered);
    this.#tell(chat, { push: 'message', chat: chat.view.chat, message: numbered });
    return numbered;
  }

  #view(chat) {
    return { ...chat.view, last: chat.messages.length };
  }

  #tell(chat, frame) {
    for (const socket of this.sockets.clients) if (socket.token === chat.token) socket.send(JSON.stringify(frame));
  }
}
