// Calls at the desk. What draws and connects them is a part of the visitor's window, fetched when a call begins; it stands
// outside the conversations, so that sound and picture go on while another chat is in front.

/** @import { Call, Me } from '../types.js' */
/** @import { Chat } from './chat.js' */
/** @import { Link } from '../lib/link.js' */

import { announce, chime, notice, notify } from '../lib/alerts.js';
import { instant } from '../lib/clock.js';
import { language, words } from '../lib/words.js';

// The name of the folder changes with the window; any other name gets what is current.
const PART = '/widget/now/call.js';
const LANGUAGES = ['es', 'en', 'pt'];

/** @typedef {{ node: HTMLElement, start: (video: boolean) => Promise<void>, show: (call: Call | null, why?: string | null) => void, signal: (text: string) => void, leave: () => void }} Stage */

/** @type {Map<string, Promise<Stage>>} */
const stages = new Map();
const place = document.body.appendChild(make('div.calls'));

/**
 * @param {string} kind
 * @param {Record<string, unknown> | 0} [props]
 * @param {(Node | string | false | null | undefined)[]} children
 */
function make(kind, props, ...children) {
  const [tag, ...names] = kind.split('.');
  const node = Object.assign(document.createElement(tag), { className: names.join(' ') });
  for (const [name, value] of Object.entries(props || {})) {
    if (name in node) Object.assign(node, { [name]: value });
    else node.setAttribute(name, String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** @param {string} path */
function icon(path) {
  const [svg, line] = ['svg', 'path'].map(tag => document.createElementNS('http://www.w3.org/2000/svg', tag));
  for (const [name, value] of Object.entries({ viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': '2', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** @param {string} text @param {string} value */
const pick = (text, value) => text.split('|')[LANGUAGES.indexOf(language.peek())].replace('{}', () => value);

/**
 * @param {Chat} chat
 * @param {Link} link
 * @param {Me} me
 * @returns {Promise<Stage>}
 */
function stage(chat, link, me) {
  const known = stages.get(chat.id);
  if (known) return known;
  const coming = import(PART).then(({ default: begin }) => {
    const shown = /** @type {Stage} */ (begin({
      h: make, icon, pick, root: document, agent: true, now: instant, say: (/** @type {string} */ text) => text && announce(text, { now: true }),
      ask: (/** @type {string} */ what, /** @type {object} */ fields) => link.ask(what, fields),
      chat: () => chat.id,
      name: () => chat.name || words.peek().visitor.unnamed,
      ends: (/** @type {Call} */ call) => call.agent === me.agent || (!call.running && call.from_visitor),
    }));
    place.append(shown.node);
    return shown;
  });
  coming.catch(() => {
    stages.delete(chat.id);
    notice('bad', words.peek().refusal('offline'));
  });
  stages.set(chat.id, coming);
  return coming;
}

/** @param {Chat} chat @param {Link} link @param {Me} me @param {boolean} video */
export function startCall(chat, link, me, video) {
  void stage(chat, link, me).then(shown => shown.start(video), () => {});
}

/**
 * What the server says of a chat's call, `null` when there is none, and why it ended when it just did.
 * @param {Chat} chat @param {Link} link @param {Me} me @param {Call | null} call @param {string | null} [why]
 */
export function callIs(chat, link, me, call, why) {
  const view = chat.view.peek();
  const before = view.call ?? null;
  if (call !== before) chat.view.value = { ...view, call };
  if (!call && !stages.has(chat.id)) return;
  void stage(chat, link, me).then(shown => shown.show(call, why), () => {});
  if (!call || call.running || !call.from_visitor || (before && before.since === call.since)) return;
  chime('offer');
  const name = chat.name || words.peek().visitor.unnamed;
  notify({ tag: `call-${chat.id}`, title: name, body: words.peek().chat.calls, pick: () => {} });
}

/** @param {string} chat @param {string} text */
export function signalCame(chat, text) {
  void stages.get(chat)?.then(shown => shown.signal(text), () => {});
}

/** Lets go of microphone and camera, whatever the server thinks of the call. */
export function leaveCalls() {
  for (const [chat, coming] of stages) {
    stages.delete(chat);
    void coming.then(shown => {
      shown.leave();
      shown.node.remove();
    }, () => {});
  }
}
