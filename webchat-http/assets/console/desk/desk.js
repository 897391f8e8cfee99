// The agent's desk: everything the socket has said, as signals, and what the agent may ask for.

/** @import { Colleague, DeskCampaign, Destination, Destinations, HelloAnswer, Me, Push, WaitingList } from '../types.js' */

import { batch, computed, effect, signal } from '../vendor/preact.js';
import { Link } from '../lib/link.js';
import { instant, serverSays } from '../lib/clock.js';
import { announce, badge, chime, notice, notify } from '../lib/alerts.js';
import { keep, kept, preference, setPreference } from '../lib/storage.js';
import { words } from '../lib/words.js';
import { codeOf } from '../lib/refusal.js';
import { over, signOut, stillStands, user } from './session.js';
import { Chat } from './chat.js';
import { callIs, leaveCalls, signalCame, startCall } from './calls.js';

const ENDED_KEPT = 20;
/** Milliseconds before it lapses at which a transfer that ends counts as unanswered: clocks differ a little. */
const LATE = 500;

export const me = signal(/** @type {Me | null} */ (null));
export const campaigns = signal(/** @type {DeskCampaign[]} */ ([]));
export const colleagues = signal(/** @type {Colleague[]} */ ([]));
/** Campaigns a chat can be handed on to, those of others included. */
export const queues = signal(/** @type {Destinations['campaigns']} */ ([]));
export const waiting = signal(/** @type {Map<number, WaitingList>} */ (new Map()));
const chats = signal(/** @type {Map<string, Chat>} */ (new Map()));

/** The chat in front, by id. */
export const selected = signal(/** @type {string | null} */ (kept('selected', null)));
/** One conversation at a time, or all side by side. */
export const layout = signal(/** @type {'one' | 'side'} */ (preference('layout', 'one')));
const factsPinned = signal(preference('facts', true));
const factsOpen = signal(false);
const narrow = signal(false);

/** Chats asked of this agent: offers and incoming transfers. */
export const offers = computed(() => [...chats.value.values()].filter(c => !c.ended.value && isAsked(c)));
/** Chats this agent takes part in. */
export const mine = computed(() => [...chats.value.values()].filter(c => !c.ended.value && takesPart(c)));
/** Chats that left this desk since the page was opened, latest first. */
export const ended = computed(() => [...chats.value.values()].filter(c => c.ended.value).reverse());
export const current = computed(() => (selected.value == null ? null : chats.value.get(selected.value) ?? null));
/** Whether the conversations stand side by side just now. */
export const sideBySide = computed(() => layout.value === 'side' && mine.value.length > 1);
/** Without room of its own the pane of facts floats above the conversation, and starts shut. */
export const factsFloat = computed(() => narrow.value || sideBySide.value);
/** Whether the visitor's facts are shown. */
export const factsShown = computed(() => (factsFloat.value ? factsOpen.value : factsPinned.value));
export const unread = computed(() => mine.value.reduce((sum, c) => sum + c.unread.value, 0));

/** @param {number} id */
export const campaignOf = id => campaigns.value.find(c => c.campaign === id) ?? null;
/** @param {number | null | undefined} id */
export const agentName = id => (id === me.value?.agent ? me.value?.name : colleagues.value.find(a => a.agent === id)?.name) ?? null;
/** @param {Chat} chat */
export const nameOf = chat => chat.name || words.value.visitor.unnamed;
/** @param {Chat} chat */
export const owns = chat => chat.view.value.owner === me.value?.agent;

/** @param {Chat} chat */
function isAsked(chat) {
  const { phase, owner } = chat.view.value;
  if (phase.kind === 'offered') return phase.agent === me.value?.agent;
  return phase.kind === 'transferring' && phase.to.agent === me.value?.agent && owner !== me.value?.agent;
}

/** @param {Chat} chat */
function takesPart(chat) {
  const { phase, participants } = chat.view.value;
  return participants.includes(me.value?.agent ?? -1) && (phase.kind === 'active' || phase.kind === 'transferring');
}

export const link = new Link('/api/v1/agent', {
  hello: resume,
  push: receive,
  lost: () => announce(words.value.link.lost, { now: true }),
  stopped: why => {
    if (why !== 'elsewhere') over(why === 'signed_out' ? 'signed_out' : 'expired');
  },
  allowed: stillStands,
});

const room = matchMedia('(max-width: 1180px)');
narrow.value = room.matches;
room.addEventListener('change', event => {
  narrow.value = event.matches;
});

effect(() => {
  badge.value = unread.value + offers.value.length;
});
effect(() => {
  if (user.value?.agent != null) link.open();
  else if (user.value !== undefined) {
    link.shut();
    clear();
  }
});
// An open offer keeps calling until it is answered.
effect(() => {
  if (offers.value.length === 0) return;
  const calling = setInterval(() => chime('offer'), 5000);
  return () => clearInterval(calling);
});

function clear() {
  leaveCalls();
  batch(() => {
    me.value = null;
    campaigns.value = [];
    waiting.value = new Map();
    chats.value = new Map();
    selected.value = null;
  });
}

/** @param {HelloAnswer} state */
function resume(state) {
  const again = me.peek() !== null;
  batch(() => {
    serverSays(state.now);
    me.value = state.me;
    campaigns.value = state.campaigns;
    colleagues.value = state.agents;
    queues.value = state.campaigns;
    waiting.value = new Map(state.waiting.map(list => [list.campaign, list]));
    const here = new Set(state.chats.map(view => view.chat));
    for (const chat of chats.peek().values()) {
      if (here.has(chat.id) || chat.ended.peek()) continue;
      chat.end('returned');
      called(chat.id, null);
    }
    for (const view of state.chats) open(view);
    if (!current.peek()) pick(mine.peek()[0]?.id ?? null);
  });
  for (const chat of chats.peek().values()) {
    if (chat.ended.peek()) continue;
    void chat.load();
    called(chat.id, chat.view.peek().call ?? null);
  }
  if (again) announce(words.peek().link.back);
}

/** @param {Push} push */
function receive(push) {
  switch (push.push) {
    case 'chat': return received(push.view);
    case 'message': return messageCame(push.chat, push.message);
    case 'note': return chats.peek().get(push.chat)?.receiveNote(push.note);
    case 'typing': return chats.peek().get(push.chat)?.visitorTypes(push.on);
    case 'seen': return chats.peek().get(push.chat)?.visitorSaw(push.delivered, push.read);
    case 'gone': return gone(push.chat, push.reason);
    case 'call': return called(push.chat, push.call, push.why);
    case 'signal': return signalCame(push.chat, push.signal);
    case 'waiting': {
      const { campaign, total, chats: first } = push;
      waiting.value = new Map(waiting.peek()).set(campaign, { campaign, total, chats: first });
      return;
    }
    case 'me':
      me.value = push.me;
      return;
    case 'campaigns':
      campaigns.value = push.campaigns;
      return;
    default:
      // A newer server may say more.
  }
}

/** @param {import('../types.js').ChatView} view */
function open(view) {
  const known = chats.peek().get(view.chat);
  if (known) {
    known.show(view);
    return known;
  }
  const chat = new Chat(link, /** @type {Me} */ (me.peek()), view);
  chats.value = new Map(chats.peek()).set(view.chat, chat);
  return chat;
}

/** @param {import('../types.js').ChatView} view */
function received(view) {
  const before = chats.peek().get(view.chat);
  const wasAsked = before && !before.ended.peek() ? isAsked(before) : false;
  const wasMine = before && !before.ended.peek() ? takesPart(before) : false;
  const handedOn = before && owns(before) ? before.view.peek().phase : null;
  const chat = open(view);
  if (handedOn?.kind === 'transferring' && view.phase.kind === 'active' && owns(chat)) cameToNothing(chat, handedOn);
  if (isAsked(chat) && !wasAsked) return offered(chat);
  if (takesPart(chat) && !wasMine) {
    void chat.load();
    if (!wasAsked) {
      chime('offer');
      callFor(chat);
    }
    announce(words.peek().say.assigned(nameOf(chat)));
    if (!current.peek() || current.peek()?.ended.peek()) pick(chat.id);
  }
}

/** Chats whose transfer this agent takes back. @type {Set<string>} */
const takenBack = new Set();

/** @param {Destination} to */
export const destination = to => (to.agent != null ? agentName(to.agent) : queues.value.find(c => c.campaign === to.campaign)?.name) ?? '';

/** The transfer ended and the chat stayed: the other side did not answer, or said no. @param {Chat} chat @param {{ to: Destination, lapses_at: number | null }} phase */
function cameToNothing(chat, { to, lapses_at }) {
  if (takenBack.delete(chat.id)) return;
  const w = words.peek().say;
  const late = lapses_at != null && instant() >= lapses_at - LATE;
  notice('bad', (late ? w.transferLapsed : w.transferRefused)(nameOf(chat), destination(to)));
}

/**
 * @param {string} id
 * @param {import('../types.js').Call | null} call
 * @param {string | null} [why]
 */
function called(id, call, why) {
  const chat = chats.peek().get(id);
  const self = me.peek();
  if (chat && self) callIs(chat, link, self, call, why);
}

/** @param {Chat} chat @param {boolean} video */
export function call(chat, video) {
  const self = me.peek();
  if (self) startCall(chat, link, self, video);
}

/** @param {Chat} chat */
function offered(chat) {
  void chat.load();
  chime('offer');
  const w = words.peek();
  const campaign = campaignOf(chat.view.peek().campaign)?.name ?? '';
  announce(w.say.offered(nameOf(chat), campaign), { now: true });
  callFor(chat);
}

/** Tells the desktop of a chat that has come. @param {Chat} chat */
function callFor(chat) {
  const campaign = campaignOf(chat.view.peek().campaign)?.name ?? '';
  notify({ tag: `offer-${chat.id}`, title: words.peek().say.offeredTitle, body: `${nameOf(chat)} · ${campaign}`, pick: () => pick(chat.id) });
}

/** @param {string} id @param {import('../types.js').Message} message */
function messageCame(id, message) {
  const chat = chats.peek().get(id);
  if (!chat) return;
  chat.receive(message);
  if (message.author.kind !== 'visitor') return;
  const looking = selected.peek() === id && document.hasFocus();
  if (looking) return;
  chime('message');
  announce(words.peek().say.message(nameOf(chat)));
  notify({ tag: `chat-${id}`, title: nameOf(chat), body: message.text.slice(0, 140), pick: () => pick(id) });
}

/** @param {string} id @param {string} reason */
function gone(id, reason) {
  const chat = chats.peek().get(id);
  if (!chat) return;
  const asked = isAsked(chat);
  if (asked && !takesPart(chat)) {
    const left = new Map(chats.peek());
    left.delete(id);
    chats.value = left;
    if (reason === 'offer_lapsed') notice('bad', words.peek().say.lapsed(nameOf(chat)));
    else if (reason !== 'refused') notice('plain', words.peek().say.rescinded(nameOf(chat)));
    return;
  }
  const { phase } = chat.view.peek();
  const taken = reason === 'transferred' && phase.kind === 'transferring' && owns(chat);
  chat.end(reason);
  called(id, null);
  if (taken) notice('good', words.peek().say.transferTaken(nameOf(chat), destination(phase.to)));
  else announce(words.peek().say.ended(nameOf(chat)));
  const old = ended.peek().slice(ENDED_KEPT);
  if (old.length) {
    const left = new Map(chats.peek());
    for (const chat of old) left.delete(chat.id);
    chats.value = left;
  }
}

/** @param {string | null} id the chat to bring to the front */
export function pick(id) {
  selected.value = id;
  keep('selected', id);
}

/** @param {'one' | 'side'} next */
export function setLayout(next) {
  layout.value = next;
  setPreference('layout', next);
}

/** @param {boolean} on */
export function setFacts(on) {
  if (factsFloat.peek()) factsOpen.value = on;
  else {
    factsPinned.value = on;
    setPreference('facts', on);
  }
}

/**
 * Asks, and words what went wrong in the corner.
 * @param {string} what
 * @param {object} [fields]
 * @returns {Promise<any>} the answer, or null when it was refused
 */
export async function ask(what, fields = {}) {
  try {
    return await link.ask(what, fields);
  } catch (error) {
    notice('bad', words.peek().refusal(codeOf(error)));
    return null;
  }
}

/** @param {string} chat @returns {Promise<boolean>} whether it is this agent's now */
export async function take(chat) {
  const ok = await ask('take', { chat });
  if (!ok) return false;
  if (ok.chat) received(ok.chat);
  pick(chat);
  return true;
}

/** @param {string} chat @returns {Promise<boolean>} whether it is this agent's now */
export async function accept(chat) {
  const ok = await ask('accept', { chat });
  if (!ok) return false;
  if (ok.chat) received(ok.chat);
  pick(chat);
  return true;
}

/** @param {string} chat */
export async function refuse(chat) {
  if (!(await ask('refuse', { chat }))) return;
  const left = new Map(chats.peek());
  const known = left.get(chat);
  if (known && !takesPart(known)) {
    left.delete(chat);
    chats.value = left;
  }
}

/** Looks anew who is there and which campaigns are open; until then what was known last stands. */
export async function lookAround() {
  const found = await link.ask('destinations').catch(() => null);
  if (!found) return;
  batch(() => {
    colleagues.value = found.agents;
    queues.value = found.campaigns;
  });
}

/** @param {string} chat @param {Destination} to */
export function transfer(chat, to) {
  takenBack.delete(chat);
  return ask('transfer', { chat, ...to });
}
/** @param {string} chat */
export async function cancelTransfer(chat) {
  takenBack.add(chat);
  if (!(await ask('cancel_transfer', { chat }))) takenBack.delete(chat);
}
/** @param {string} chat */
export const leave = chat => ask('leave', { chat });
/** @param {string} chat @param {string[] | null} disposition */
export const close = (chat, disposition) => ask('close', disposition ? { chat, disposition } : { chat });

/** @param {string} chat @param {number} agent */
export const invite = (chat, agent) => ask('invite', { chat, agent });
/** @param {string} chat @param {number} model @param {(number | null)[]} answers */
export const evaluate = (chat, model, answers) => ask('evaluate', { chat, model, answers });

/** @param {string} reason */
export const pause = reason => ask('pause', { reason });
export const resumeWork = () => ask('resume');
/** @param {boolean} on */
export const setOnCall = on => ask('on_call', { on });

/** Takes the desk back from the browser that took it over. */
export const takeBack = () => link.open();

/** Leaves the desk; chats still active go back to the queue. */
export async function leaveDesk() {
  // Whatever comes of it, the person leaves; chats the server still holds for them go back after its grace time.
  if (link.online && me.peek()) await link.ask('sign_out', { force: true }).catch(() => {});
  link.shut();
  await signOut();
}
