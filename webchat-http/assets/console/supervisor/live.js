// Every live chat: filtered, searched, and drawn only where it can be seen, so that thousands stay smooth.

/** @import { FloorChat } from '../types.js' */

import { batch, computed, effect, html, signal, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { afterFrame, usePieces } from '../lib/pieces.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Dot, LanguageTag } from '../views/rail.js';
import { Elapsed } from '../views/wait.js';
import { agentName, asking, campaignName, cards, chats, chatsChanged, known, live, nameOf, self, watch, watched } from './floor.js';
import { WatchPane } from './watch.js';

const ROW = 44;
/** Rows to scroll before others are drawn. */
const STEP = 2;
/** Rows drawn above and below what can be seen. */
const SPARE = 4;

/** @typedef {'all' | 'waiting' | 'active' | 'late'} Which */

/** What is searched for, once typing pauses: each search looks at every chat. */
const search = signal('');
const PAUSE = 120;
/** @type {number | undefined} */
let pause;
const campaign = signal(0);
const which = signal(/** @type {Which} */ ('all'));
/** What the list goes by: it follows the fields a frame later, so that a button is seen pressed before thousands of chats are looked through. */
const wanted = signal({ text: '', campaign: 0, which: /** @type {Which} */ ('all') });
effect(() => {
  const next = { text: search.value.trim(), campaign: campaign.value, which: which.value };
  return afterFrame(() => (wanted.value = next));
});

/** @param {string} text without accents and capitals */
const plain = text => (/^[\0-\x7f]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')).toLowerCase();

/** @type {WeakMap<FloorChat, string>} */
const searchable = new WeakMap();

/** @param {FloorChat} chat what can be searched for; made once for each row the server sends */
function textOf(chat) {
  const known = searchable.get(chat);
  if (known !== undefined) return known;
  const text = plain(`${chat.name ?? ''} ${chat.email ?? ''} ${chat.extra ?? ''} ${chat.chat}`);
  searchable.set(chat, text);
  return text;
}

/** @param {FloorChat} chat */
const isWaiting = chat => chat.phase === 'waiting' || chat.phase === 'offered';

const matching = computed(() => {
  void chatsChanged.value;
  const { campaign, which, text: typed } = wanted.value;
  const text = plain(typed);
  const found = [];
  for (const chat of chats.values()) {
    if (campaign && chat.campaign !== campaign) continue;
    if (which === 'waiting' ? !isWaiting(chat) : which === 'active' ? isWaiting(chat) : which === 'late' && !chat.late) continue;
    if (text && !textOf(chat).includes(text)) continue;
    found.push(chat);
  }
  // Those who need attention first: over time, then waiting by priority and age, then active by age.
  const rank = (/** @type {FloorChat} */ chat) => (chat.late ? 0 : isWaiting(chat) ? 1 : 2);
  return found.sort((a, b) => rank(a) - rank(b) || b.priority - a.priority || a.requested_at - b.requested_at || (a.chat < b.chat ? -1 : 1));
});

export function Live() {
  const w = words.value.floor.live;
  if (!known.value) return html`<p class="muted floor-body">${words.value.common.loading}</p>`;
  const list = matching.value;
  /** @type {[Which, string][]} */
  const kinds = [['all', w.everything], ['waiting', w.waiting], ['active', w.active], ['late', w.alarm]];
  return html`<div class="live ${watched.value ? 'with-pane' : ''}"><div class="live-main"><h1 class="hidden">${w.label}</h1>
    <form class="live-bar" role="search" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
      <input class="input" type="search" aria-label=${w.search} placeholder=${w.searchHint} defaultValue=${search.peek()} onInput=${typed} />
      <select class="input" aria-label=${w.campaign} value=${campaign.value} onChange=${(/** @type {any} */ e) => (campaign.value = Number(e.currentTarget.value))}>
        <option value="0">${w.all}</option>${[...cards.value.values()].map(card => html`<option value=${card.campaign}>${card.name}</option>`)}</select>
      <div class="segments" role="group" aria-label=${w.state}>${kinds.map(([id, label]) => html`<button type="button" aria-pressed=${which.value === id} onClick=${() => (which.value = id)}>${label}</button>`)}</div>
      <span class="muted small" role="status">${w.shown(list.length, live.value)}${live.value > chats.size && ` ${w.cut(chats.size)}`}</span>
    </form>
    <${Rows} list=${list} />
  </div>${watched.value && html`<${WatchPane} key=${watched.value.id} />`}</div>`;
}

/** @param {any} event */
function typed(event) {
  const text = event.currentTarget.value;
  clearTimeout(pause);
  pause = setTimeout(() => (search.value = text), PAUSE);
}

/** @param {{ list: FloorChat[] }} props */
function Rows({ list }) {
  const w = words.value.floor.live;
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const top = useSignal(0);
  const height = useSignal(600);
  const below = Math.ceil(height.value / ROW) + STEP + SPARE;
  /** Rows drawn so far, from the first that can be seen: after a leap all are new. */
  const drawn = usePieces(below + SPARE);
  useLayoutEffect(() => {
    const frame = box.current;
    if (!frame) return;
    const measure = new ResizeObserver(() => (height.value = frame.clientHeight));
    measure.observe(frame);
    return () => measure.disconnect();
  }, []);
  const goTo = (/** @type {number} */ next) => batch(() => {
    if (Math.abs(next - top.peek()) > height.peek()) drawn.value = 0;
    top.value = next;
  });
  const asked = useRef(wanted.value);
  useLayoutEffect(() => {
    if (asked.current === wanted.value) return;
    asked.current = wanted.value;
    if (box.current && top.peek() > 0) box.current.scrollTop = 0;
    batch(() => {
      drawn.value = 0;
      top.value = 0;
    });
  }, [wanted.value]);
  const seen = Math.floor(top.value / ROW);
  const first = Math.max(0, seen - Math.max(0, Math.min(drawn.value - below, SPARE)));
  const last = asked.current === wanted.value ? Math.min(list.length, seen + Math.min(drawn.value, below)) : first;
  const onScroll = (/** @type {any} */ e) => {
    const next = Math.floor(e.currentTarget.scrollTop / (ROW * STEP)) * ROW * STEP;
    if (next === top.peek()) return;
    // The frame that scrolls need not wait for the rows that go.
    if (Math.abs(next - top.peek()) > height.peek()) setTimeout(() => goTo(next));
    else goTo(next);
  };
  return html`<div ref=${box} id="live-list" class="live-frame" tabindex="0" role="region" aria-label=${w.label} onScroll=${onScroll}>
    <div role="table" aria-label=${w.label} aria-rowcount=${list.length + 1} class="live-table">
      <div role="rowgroup" class="live-head"><div role="row" aria-rowindex="1" class="live-row">
        ${[w.visitor, w.campaign, w.state, w.since, w.agent, w.messages, w.actions].map(name => html`<span role="columnheader" class="clip">${name}</span>`)}</div></div>
      <div class="live-body" style=${{ height: `${list.length * ROW}px` }}><div role="rowgroup" class="live-rows">
        ${list.slice(first, last).map((chat, i) => html`<${Row} key=${chat.chat} chat=${chat} at=${first + i} open=${watched.value?.id === chat.chat} agent=${agentName(chat.agent)} campaign=${campaignName(chat.campaign)}
          colour=${cards.value.get(chat.campaign)?.colour} limit=${(isWaiting(chat) ? cards.value.get(chat.campaign)?.limits.answer_within : cards.value.get(chat.campaign)?.limits.time_chat) ?? null} />`)}
      </div></div>
    </div>
    ${list.length === 0 && html`<p class="log-empty">${w.none}</p>`}
  </div>`;
}

/** What a row shows. @typedef {{ chat: FloorChat, open: boolean, agent: string, campaign: string, colour?: string, limit: number | null }} Shown */

/** @param {{ at: number } & Shown} props */
function Row({ at, ...shown }) {
  return html`<div role="row" aria-rowindex=${at + 2} class="live-row ${shown.open ? 'open' : ''}" style=${{ transform: `translateY(${at * ROW}px)` }}><${Cells} ...${shown} /></div>`;
}

/** Given all they show, so that they are drawn anew only when that changes, and not when the row moves. @param {Shown} props */
function Cells({ chat, open, agent, campaign, colour, limit }) {
  const w = words.value.floor.live;
  const name = nameOf(chat);
  return html`
    <span role="cell" class="who-cell"><span class="clip"><strong>${name}</strong></span><span class="row-line muted"><${LanguageTag} tag=${chat.language} /><span class="clip">${chat.email ?? ''}</span></span></span>
    <span role="cell" class="row-line"><${Dot} colour=${colour} /><span class="clip">${campaign}</span></span>
    <span role="cell" class="row-line"><span class="phase ${chat.phase}">${w.phases[chat.phase]}</span>
      ${!chat.connected && html`<span class="chip-icon warn" title=${w.gone}><${Icon} name="unplug" size=${14} /><span class="hidden">${w.gone}</span></span>`}
      ${chat.returned && html`<span class="chip-icon" title=${w.returned}><${Icon} name="retry" size=${14} /><span class="hidden">${w.returned}</span></span>`}</span>
    <span role="cell"><${Elapsed} since=${isWaiting(chat) ? chat.requested_at : chat.since} limit=${limit} kind=${isWaiting(chat) ? 'wait' : 'chat'} /></span>
    <span role="cell" class="clip">${agent}</span>
    <span role="cell" class="figure">${chat.last}</span>
    <span role="cell" class="row-actions">
      ${self.value != null && html`<button type="button" id="watch-${chat.chat}" class="button small" aria-label=${w.watchName(name)} aria-pressed=${open} onClick=${() => void watch(chat)}>${w.watch}</button>`}
      <button type="button" class="button small plain" aria-label=${w.whyName(name)} onClick=${() => (asking.value = { chat: chat.chat })}>${w.why}</button></span>
  `;
}
