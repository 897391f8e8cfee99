// One chat on the desk: its view, its messages and notes, and what this agent has sent that is not stored yet.

/** @import { ChatView, Me, Message, Note, Pending } from '../types.js' */
/** @import { Link } from '../lib/link.js' */

import { batch, computed, signal } from '../vendor/preact.js';
import { codeOf } from '../lib/refusal.js';
import { instant } from '../lib/clock.js';
import { draftOf, forget, keepDraft, keepRead, keepUnsent, readOf, unsentOf } from './drafts.js';

const PAGE = 200;
const TYPING_REPEATS = 3000;
const TYPING_FADES = 8000;

export class Chat {
  #link;
  #me;
  #sending = false;
  #loading = false;
  #toldTyping = 0;
  /** @type {number | undefined} */
  #typingEnds;
  /** @type {number | undefined} */
  #fades;
  #delivered = 0;

  /**
   * @param {Link} link
   * @param {Me} me the author of what is written here
   * @param {ChatView} view
   */
  constructor(link, me, view) {
    this.#link = link;
    this.#me = me;
    this.id = view.chat;
    this.view = signal(view);
    this.messages = signal(/** @type {Message[]} */ ([]));
    this.notes = signal(/** @type {Note[]} */ ([]));
    this.pending = signal(/** @type {Pending[]} */ (unsentOf(view.chat)));
    this.draft = signal(draftOf(view.chat));
    /** Whether the visitor is typing. */
    this.typing = signal(false);
    /** Highest number this agent has looked at. */
    this.read = signal(readOf(view.chat));
    this.loaded = signal(false);
    /** Why it is no longer this agent's, or null while it is. */
    this.ended = signal(/** @type {string | null} */ (null));
    /** Whether this agent has answered the quality model about it. */
    this.evaluated = signal(false);
    /** When it became active, kept through a transfer that came to nothing. */
    this.activeSince = signal(view.phase.kind === 'active' ? view.since : view.requested_at);
    this.unread = computed(() => this.messages.value.filter(m => m.author.kind === 'visitor' && m.number > this.read.value).length);
    this.lastMessage = computed(() => this.messages.value.findLast(m => m.author.kind !== 'system') ?? null);
  }

  get name() {
    return this.view.value.visitor.name?.trim() || '';
  }

  /** @param {ChatView} view */
  show(view) {
    batch(() => {
      const was = this.view.peek().phase.kind;
      if (view.phase.kind === 'active' && was !== 'transferring') this.activeSince.value = view.since;
      this.view.value = view;
      this.ended.value = null;
    });
  }

  /** @param {string} reason */
  end(reason) {
    batch(() => {
      this.ended.value = reason;
      this.typing.value = false;
      this.pending.value = this.#unwritten().map(p => ({ ...p, failed: p.failed ?? 'chat_closed' }));
    });
    forget(this.id);
  }

  /** @param {Message} message */
  receive(message) {
    this.#put([message]);
    if (message.author.kind === 'visitor') this.typing.value = false;
    if (this.#gap()) void this.load();
    this.#tellSeen();
  }

  /** @param {Note} note */
  receiveNote(note) {
    this.#putNotes([note]);
  }

  /** @param {boolean} on */
  visitorTypes(on) {
    clearTimeout(this.#fades);
    this.typing.value = on;
    if (on) this.#fades = setTimeout(() => (this.typing.value = false), TYPING_FADES);
  }

  /** @param {number} delivered @param {number} read */
  visitorSaw(delivered, read) {
    const view = this.view.peek();
    this.view.value = { ...view, delivered: Math.max(view.delivered, delivered), read: Math.max(view.read, read) };
  }

  /** Fetches what is missing, from the first gap on; then sends what is still unsent. */
  async load() {
    if (this.#loading) return;
    this.#loading = true;
    try {
      for (let from = -1; from < this.#contiguous(); ) {
        from = this.#contiguous();
        const answer = await this.#link.ask('history', { chat: this.id, after: from, limit: PAGE });
        this.#put(answer.messages ?? []);
        this.#putNotes(answer.notes ?? []);
        if (this.#contiguous() >= (answer.last ?? 0)) break;
      }
      this.loaded.value = true;
      this.#tellSeen();
    } catch {
      // Offline: the next hello loads again. Refused: it stays as it is.
    } finally {
      this.#loading = false;
    }
    void this.send();
  }

  /** @param {'message' | 'note'} kind @param {string} text */
  write(kind, text) {
    const entry = { key: crypto.randomUUID(), text, at: instant(), kind, failed: null };
    this.#setPending([...this.pending.peek(), entry]);
    this.stopTyping();
    void this.send();
  }

  /** @param {string} key */
  discard(key) {
    this.#setPending(this.pending.peek().filter(p => p.key !== key));
  }

  /** @param {string} key */
  retry(key) {
    this.#setPending(this.pending.peek().map(p => (p.key === key ? { ...p, failed: null } : p)));
    void this.send();
  }

  /** Sends what is unsent, one at a time so that the order holds, with the keys that make a repeat harmless. */
  async send() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let next = this.#unsent(); next; next = this.#unsent()) {
        if (!(await this.#sendOne(next))) break;
      }
    } finally {
      this.#sending = false;
    }
  }

  /** @param {Partial<import('./drafts.js').Draft>} change */
  edit(change) {
    this.draft.value = { ...this.draft.peek(), ...change };
    keepDraft(this.id, this.draft.peek());
  }

  /** Tells the visitor that this agent is typing, and that it stopped after a pause. */
  types() {
    clearTimeout(this.#typingEnds);
    this.#typingEnds = setTimeout(() => this.stopTyping(), TYPING_REPEATS + 1000);
    if (Date.now() - this.#toldTyping < TYPING_REPEATS) return;
    this.#toldTyping = Date.now();
    this.#link.tell('typing', { chat: this.id, on: true });
  }

  stopTyping() {
    clearTimeout(this.#typingEnds);
    if (!this.#toldTyping) return;
    this.#toldTyping = 0;
    this.#link.tell('typing', { chat: this.id, on: false });
  }

  /** The agent is looking at the end of the conversation. */
  look() {
    const last = this.messages.peek().at(-1)?.number ?? 0;
    if (last <= this.read.peek() || this.ended.peek()) return;
    this.read.value = last;
    keepRead(this.id, last);
    this.#delivered = Math.max(this.#delivered, last);
    this.#link.tell('seen', { chat: this.id, delivered: last, read: last });
  }

  /** @param {Pending} entry @returns {Promise<boolean>} whether to go on with the next */
  async #sendOne(entry) {
    try {
      const what = entry.kind === 'note' ? 'note' : 'write';
      const ok = await this.#link.ask(what, { chat: this.id, key: entry.key, text: entry.text });
      this.#stored(entry, ok);
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'offline' || code === 'shutting_down') return false;
      if (code === 'retry' || code === 'too_fast') {
        await new Promise(go => setTimeout(go, 400 + Math.random() * 600));
        return true;
      }
      this.#setPending(this.pending.peek().map(p => (p.key === entry.key ? { ...p, failed: code } : p)));
      return true;
    }
  }

  /** @param {Pending} entry @param {any} ok */
  #stored(entry, ok) {
    batch(() => {
      this.discard(entry.key);
      if (entry.kind === 'note') {
        const known = this.notes.peek().some(n => n.key === entry.key);
        if (!known) this.#putNotes([{ agent: this.#me.agent, name: this.#me.name, text: entry.text, at: entry.at, key: entry.key }]);
        return;
      }
      if (typeof ok.number !== 'number') return;
      const author = /** @type {const} */ ({ kind: 'agent', name: null, agent: this.#me.agent });
      this.#put([{ number: ok.number, at: ok.at, author, text: entry.text, code: null, automatic: false, key: entry.key }]);
    });
  }

  /** What is unsent, with what was being typed: a chat that ends must not swallow it unseen. @returns {Pending[]} */
  #unwritten() {
    const { reply, note } = this.draft.peek();
    /** @type {Pending[]} */
    const typed = [];
    if (reply.trim()) typed.push({ key: crypto.randomUUID(), text: reply, at: instant(), kind: 'message', failed: 'chat_closed' });
    if (note.trim()) typed.push({ key: crypto.randomUUID(), text: note, at: instant(), kind: 'note', failed: 'chat_closed' });
    return [...this.pending.peek(), ...typed];
  }

  #unsent() {
    return this.pending.peek().find(p => !p.failed);
  }

  /** @param {Pending[]} pending */
  #setPending(pending) {
    this.pending.value = pending;
    keepUnsent(this.id, pending);
  }

  /** @param {Message[]} messages */
  #put(messages) {
    if (messages.length === 0) return;
    const byNumber = new Map(this.messages.peek().map(m => [m.number, m]));
    const keys = new Set();
    for (const message of messages) {
      const known = byNumber.get(message.number);
      // The server's own copy says more than what was put here when the answer came.
      if (!known || known.author.name == null) byNumber.set(message.number, message);
      if (message.key) keys.add(message.key);
    }
    batch(() => {
      this.messages.value = [...byNumber.values()].sort((a, b) => a.number - b.number);
      if (this.pending.peek().some(p => keys.has(p.key))) this.#setPending(this.pending.peek().filter(p => !keys.has(p.key)));
    });
  }

  /** @param {Note[]} notes */
  #putNotes(notes) {
    if (notes.length === 0) return;
    const kept = this.notes.peek().filter(old => !notes.some(n => sameNote(old, n)));
    batch(() => {
      this.notes.value = [...kept, ...notes].sort((a, b) => a.at - b.at);
      const unsent = this.pending.peek().filter(p => !notes.some(n => this.#isStored(p, n)));
      if (unsent.length < this.pending.peek().length) this.#setPending(unsent);
    });
  }

  /**
   * Whether a note from the server is the one still unsent here: a lost answer must not store it twice.
   * @param {Pending} pending
   * @param {Note} note
   */
  #isStored(pending, note) {
    if (pending.kind !== 'note') return false;
    if (note.key) return note.key === pending.key;
    return note.agent === this.#me.agent && note.text === pending.text && note.at > pending.at - 60_000;
  }

  /** @returns {number} the last number with nothing missing before it */
  #contiguous() {
    let last = 0;
    for (const message of this.messages.peek()) {
      if (message.number !== last + 1) break;
      last = message.number;
    }
    return last;
  }

  #gap() {
    return this.#contiguous() < (this.messages.peek().at(-1)?.number ?? 0);
  }

  #tellSeen() {
    const last = this.messages.peek().at(-1)?.number ?? 0;
    // Before it is accepted, a chat is looked into but not attended.
    if (last <= this.#delivered || this.ended.peek() || !this.view.peek().participants.includes(this.#me.agent)) return;
    this.#delivered = last;
    this.#link.tell('seen', { chat: this.id, delivered: last });
  }
}

/**
 * Whether two notes are one: the same key, or what was put here at the answer and then came from the server without it.
 * @param {Note} a
 * @param {Note} b
 */
function sameNote(a, b) {
  if (a.key && b.key) return a.key === b.key;
  return a.agent === b.agent && a.text === b.text && Math.abs(a.at - b.at) < (a.key || b.key ? 60_000 : 1);
}
