// The floor: everything the supervisor's socket has said, as signals, and what a supervisor may ask for.

/** @import { FloorAgent, FloorCard, FloorChat, FloorPush, Message, Note, Why } from '../types.js' */

import { batch, computed, effect, signal } from '../vendor/preact.js';
import { Link } from '../lib/link.js';
import { serverSays } from '../lib/clock.js';
import { announce, chime, notice } from '../lib/alerts.js';
import { words } from '../lib/words.js';
import { codeOf } from '../lib/refusal.js';
import { link as desk } from '../desk/desk.js';
import { isSupervisor, over, stillStands } from '../desk/session.js';

const PAGE = 200;
const TYPING_FADES = 8000;

export const cards = signal(/** @type {Map<number, FloorCard>} */ (new Map()));
export const agents = signal(/** @type {Map<number, FloorAgent>} */ (new Map()));
/** Live chats. The map itself is changed in place, which `chatsChanged` tells: there may be thousands. */
export const chats = /** @type {Map<string, FloorChat>} */ (new Map());
export const chatsChanged = signal(0);
const moved = () => (chatsChanged.value = chatsChanged.peek() + 1);
/** All live chats, those not shown included. */
export const live = signal(0);
/** Whether the whole floor has arrived. */
export const known = signal(false);
/** The agent the supervisor is, or null: then only looking is possible. */
export const self = signal(/** @type {number | null} */ (null));
/** What "why" is being asked about, or null. */
export const asking = signal(/** @type {{ chat: string, agent?: number } | { campaign: number, agent?: number } | null} */ (null));

/**
 * The chat being watched.
 * @typedef {object} Watched
 * @property {string} id
 * @property {FloorChat} row as it was last known
 * @property {boolean} over it ended, or the watch did
 */
export const watched = signal(/** @type {Watched | null} */ (null));
export const messages = signal(/** @type {Message[]} */ ([]));
export const notes = signal(/** @type {Note[]} */ ([]));
export const typing = signal(false);

export const standing = computed(() => [...cards.value.values()].reduce((sum, card) => sum + alarmsOf(card).length, 0));

/** @typedef {'service_level' | 'time_chat' | 'acd' | 'max_chats'} AlarmName */

/** @param {FloorCard} card @returns {AlarmName[]} the thresholds that are exceeded */
export function alarmsOf(card) {
  const { service_level, time_chat, acd, max_chats } = card.standing;
  /** @type {[AlarmName, boolean][]} */
  const all = [['service_level', service_level], ['time_chat', time_chat > 0], ['acd', acd], ['max_chats', max_chats]];
  return all.filter(([, on]) => on).map(([name]) => name);
}

/** @param {number | null | undefined} id */
export const agentName = id => agents.value.get(id ?? -1)?.name ?? (id == null ? '' : `#${id}`);
/** @param {number} id */
export const campaignName = id => cards.value.get(id)?.name ?? `#${id}`;
/** @param {FloorChat} chat */
export const nameOf = chat => chat.name?.trim() || `${words.value.visitor.unnamed} ${chat.chat}`;

export const link = new Link('/api/v1/supervisor', {
  hello: ok => {
    serverSays(ok.now);
    self.value = ok.agent;
  },
  push: receive,
  lost: () => {},
  stopped: why => over(why === 'signed_out' ? 'signed_out' : 'expired'),
  allowed: stillStands,
});

/** A watch ends with the connection, and with that of the desk, for who watches is at it. It goes on when both are back. */
let broken = false;
effect(() => {
  if (link.state.value !== 'online' || desk.state.value !== 'online') {
    broken = true;
    return;
  }
  const again = watched.peek();
  if (broken && again && !again.over) void watch(again.row);
  broken = false;
});
effect(() => {
  if (isSupervisor.value) link.open();
  else {
    link.shut();
    clear();
  }
});

function clear() {
  batch(() => {
    cards.value = new Map();
    agents.value = new Map();
    chats.clear();
    moved();
    live.value = 0;
    known.value = false;
    asking.value = null;
    leave();
  });
}

/** @param {any} push */
function receive(push) {
  switch (push.push) {
    case 'floor': return batch(() => show(push));
    case 'alarm': return alarmed(push);
    case 'watched': return batch(() => heard(push.notice));
    default:
      // A newer server may say more.
  }
}

/** @param {FloorPush} push */
function show(push) {
  if (push.first) {
    serverSays(push.now);
    cards.value = new Map();
    agents.value = new Map();
    chats.clear();
    moved();
  }
  if (push.campaigns || push.campaigns_gone) {
    cards.value = changed(cards.peek(), push.campaigns ?? [], push.campaigns_gone ?? [], card => card.campaign);
  }
  if (push.agents || push.agents_gone) {
    agents.value = changed(agents.peek(), push.agents ?? [], push.agents_gone ?? [], row => row.agent);
  }
  for (const row of push.chats ?? []) chats.set(row.chat, row);
  for (const id of push.chats_gone ?? []) chats.delete(id);
  if (push.chats || push.chats_gone) moved();
  live.value = push.live;
  if (!push.more) known.value = true;
  const open = watched.peek();
  const row = open && chats.get(open.id);
  if (open && row && row !== open.row) watched.value = { ...open, row };
}

/**
 * @template K, V
 * @param {Map<K, V>} before
 * @param {V[]} rows
 * @param {K[]} gone
 * @param {(row: V) => K} key
 */
function changed(before, rows, gone, key) {
  const after = new Map(before);
  for (const row of rows) after.set(key(row), row);
  for (const id of gone) after.delete(id);
  return after;
}

/** @param {{ campaign: number, alarm: AlarmName, raised: boolean }} push */
function alarmed({ campaign, alarm, raised }) {
  const w = words.peek().floor.alarms;
  const name = w.names[alarm] ?? alarm;
  const text = (raised ? w.rose : w.fell)(name, campaignName(campaign));
  announce(text, { now: raised });
  if (raised) chime('message');
}

/** What the agents of the watched chat are told. @param {any} push */
function heard(push) {
  const open = watched.peek();
  const id = push.chat ?? push.view?.chat;
  if (!open || id !== open.id) return;
  switch (push.push) {
    case 'message':
      typing.value = false;
      return put([push.message]);
    case 'note':
      notes.value = [...notes.peek(), push.note];
      return;
    case 'typing': return visitorTypes(push.on);
    case 'gone':
      watched.value = { ...open, over: true };
      return;
    default:
  }
}

/** @type {number | undefined} */
let fades;

/** @param {boolean} on */
function visitorTypes(on) {
  clearTimeout(fades);
  typing.value = on;
  if (on) fades = setTimeout(() => (typing.value = false), TYPING_FADES);
}

/** @param {Message[]} more */
function put(more) {
  const all = new Map(messages.peek().map(m => [m.number, m]));
  for (const message of more) all.set(message.number, message);
  messages.value = [...all.values()].sort((a, b) => a.number - b.number);
}

/**
 * Asks, and words what went wrong in the corner.
 * @param {string} what
 * @param {object} fields
 * @returns {Promise<any>} the answer, or null when it was refused
 */
async function ask(what, fields) {
  try {
    return await link.ask(what, fields);
  } catch (error) {
    const code = codeOf(error);
    notice('bad', words.peek().floor.refusal(code) ?? words.peek().refusal(code));
    return null;
  }
}

/** @param {FloorChat} row the chat to watch from now on; the one before is left */
export async function watch(row) {
  const before = watched.peek();
  if (before && before.id !== row.chat && !before.over) void link.ask('unwatch', { chat: before.id }).catch(() => {});
  if (!(await ask('watch', { chat: row.chat }))) return;
  batch(() => {
    if (before?.id !== row.chat) {
      messages.value = [];
      notes.value = [];
      typing.value = false;
    }
    watched.value = { id: row.chat, row, over: false };
  });
  for (let after = 0; watched.peek()?.id === row.chat; ) {
    const page = await ask('watched', { chat: row.chat, after, limit: PAGE });
    if (!page || watched.peek()?.id !== row.chat) return;
    batch(() => {
      put(page.messages);
      notes.value = page.notes;
    });
    after = page.messages.at(-1)?.number ?? page.last;
    if (after >= page.last) return;
  }
}

/** Watches no longer. */
export function leave() {
  const open = watched.peek();
  if (open && !open.over) void link.ask('unwatch', { chat: open.id }).catch(() => {});
  watched.value = null;
  messages.value = [];
  notes.value = [];
}

/**
 * Does something to the watched chat and says so.
 * @param {'whisper' | 'take_over' | 'assign' | 'move' | 'end_chat'} what
 * @param {{ chat: string, key?: string, text?: string, agent?: number, campaign?: number }} fields
 * @returns {Promise<boolean>}
 */
export async function act(what, fields) {
  const ok = await ask(what, fields);
  const done = words.peek().floor.watch.done[what];
  // A whisper is seen in the transcript, where a notice would only cover it.
  if (ok && what === 'whisper') announce(done);
  else if (ok) notice('good', done);
  return ok !== null;
}

/** @param {number} agent @param {string} reason */
export const pauseAgent = (agent, reason) => ask('pause_agent', { agent, reason });
/** @param {number} agent */
export const resumeAgent = agent => ask('resume_agent', { agent });
/** @param {number} agent */
export const signOutAgent = agent => ask('sign_out_agent', { agent });
/** @param {object} about @returns {Promise<Why | null>} */
export const explain = about => ask('explain', about);
