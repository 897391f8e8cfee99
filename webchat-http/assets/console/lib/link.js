// The socket: says hello, numbers requests, notices silence, comes back with jittered backoff.
// It never repeats a request by itself; whoever must not lose one keeps it and asks again after the next hello.

import { signal } from '../vendor/preact.js';
import { Refusal } from './refusal.js';
import { lookForTrouble } from './trouble.js';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const SILENCE = 20_000;
const PATIENCE = 10_000;

/** Close codes after which coming back by itself would be wrong. */
const FINAL = new Map([[1008, 'refused'], [4001, 'elsewhere'], [4002, 'signed_out']]);

/** @typedef {{ resolve: (ok: any) => void, reject: (why: Refusal) => void }} Asked */
/**
 * @typedef {object} Listener
 * @property {(ok: any) => void} hello after each (re)connection, with the whole state
 * @property {(push: any) => void} push
 * @property {() => void} lost the connection is gone; it will come back
 * @property {(why: string) => void} stopped it will not come back: `refused`, `elsewhere` or `signed_out`
 * @property {() => Promise<boolean>} allowed whether the session still stands, asked when a connection could not be opened
 */

export class Link {
  /** @type {WebSocket | null} */
  #socket = null;
  #next = 1;
  /** @type {Map<number, Asked>} */
  #asked = new Map();
  #failures = 0;
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #watch;
  #heard = 0;
  #pinged = 0;
  #wanted = false;
  #path;
  #listener;

  /** Where the connection stands. */
  state = signal(/** @type {'off' | 'connecting' | 'online' | 'waiting' | 'stopped'} */ ('off'));
  /** When the next attempt starts, by this machine's clock; 0 when none is planned. */
  retryAt = signal(0);
  /** Why it stopped, or null. */
  stoppedBy = signal(/** @type {string | null} */ (null));

  /**
   * @param {string} path
   * @param {Listener} listener
   */
  constructor(path, listener) {
    this.#path = path;
    this.#listener = listener;
    addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#hurry();
    });
  }

  open() {
    this.#wanted = true;
    this.stoppedBy.value = null;
    this.#failures = 0;
    if (!this.#socket) this.#dial();
  }

  shut() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop(1000);
    this.state.value = 'off';
  }

  get online() {
    return this.state.value === 'online';
  }

  /**
   * @param {string} what
   * @param {object} [fields]
   * @returns {Promise<any>} what came under `ok`; throws a `Refusal`, `offline` when no answer came
   */
  ask(what, fields = {}) {
    if (this.state.peek() !== 'online') return Promise.reject(new Refusal('offline'));
    return this.#send(what, fields);
  }

  /**
   * Sends what needs no answer, or nothing when offline.
   * @param {string} what
   * @param {object} fields
   */
  tell(what, fields) {
    if (this.state.peek() === 'online') this.#socket?.send(JSON.stringify({ do: what, ...fields }));
  }

  #dial() {
    clearTimeout(this.#timer);
    this.state.value = 'connecting';
    this.retryAt.value = 0;
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${this.#path}`);
    this.#socket = socket;
    let opened = false;
    socket.onopen = async () => {
      opened = true;
      this.#heard = Date.now();
      clearInterval(this.#watch);
      this.#watch = setInterval(() => this.#listen(), 2000);
      try {
        const ok = await this.#send('hello', {});
        if (this.#socket !== socket) return;
        this.#failures = 0;
        this.state.value = 'online';
        this.#listener.hello(ok);
      } catch (error) {
        if (this.#socket !== socket) return;
        if (error instanceof Refusal && ['not_signed_in', 'not_allowed'].includes(error.code)) this.#stop('refused');
        else this.#lost();
      }
    };
    socket.onmessage = event => {
      if (this.#socket === socket) this.#hear(event.data);
    };
    socket.onclose = async event => {
      if (this.#socket !== socket) return;
      const final = FINAL.get(event.code);
      if (final) return this.#stop(final);
      if (!opened && !(await this.#listener.allowed()) && this.#socket === socket) return this.#stop('refused');
      if (this.#socket === socket) this.#lost();
    };
  }

  /** @param {unknown} text */
  #hear(text) {
    this.#heard = Date.now();
    this.#pinged = 0;
    let frame;
    try {
      frame = JSON.parse(String(text));
    } catch {
      return;
    }
    if (typeof frame?.push === 'string') return this.#listener.push(frame);
    const asked = this.#asked.get(frame?.re);
    if (!asked) return;
    this.#asked.delete(frame.re);
    if (frame.error) asked.reject(Refusal.from(frame.error));
    else asked.resolve(frame.ok ?? {});
  }

  /**
   * @param {string} what
   * @param {object} fields
   * @returns {Promise<any>}
   */
  #send(what, fields) {
    const socket = this.#socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.reject(new Refusal('offline'));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, do: what, ...fields }));
    });
  }

  /** A connection that died without a word is noticed by asking and hearing nothing. */
  #listen() {
    const quiet = Date.now() - this.#heard;
    if (this.state.peek() === 'connecting' && quiet > PATIENCE) return this.#lost();
    if (this.state.peek() !== 'online') return;
    if (this.#pinged && Date.now() - this.#pinged > PATIENCE) return this.#lost();
    if (quiet > SILENCE && !this.#pinged) {
      this.#pinged = Date.now();
      this.#send('ping', {}).catch(() => {});
    }
  }

  #lost() {
    this.#drop(1000);
    if (!this.#wanted) return;
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    const wait = ceiling * (0.5 + Math.random() / 2);
    this.state.value = 'waiting';
    this.retryAt.value = Date.now() + wait;
    this.#timer = setTimeout(() => this.#dial(), wait);
    this.#listener.lost();
    lookForTrouble();
  }

  /** @param {string} why */
  #stop(why) {
    this.#drop(1000);
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.stoppedBy.value = why;
    this.state.value = 'stopped';
    this.#listener.stopped(why);
  }

  #hurry() {
    if (this.#wanted && this.state.peek() === 'waiting') this.#dial();
  }

  /** @param {number} code */
  #drop(code) {
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.#pinged = 0;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code);
    }
    const unanswered = [...this.#asked.values()];
    this.#asked.clear();
    for (const asked of unanswered) asked.reject(new Refusal('offline'));
  }
}
