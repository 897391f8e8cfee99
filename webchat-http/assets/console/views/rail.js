// The left side of the desk: what asks for the agent, the agent's chats, each campaign with who waits in it, what ended.

/** @import { Chat } from '../desk/chat.js' */
/** @import { ChatView, DeskCampaign } from '../types.js' */

import { html, useSignal } from '../vendor/preact.js';
import { words } from '../lib/words.js';
import { accept, agentName, campaignOf, campaigns, ended, layout, link, me, mine, nameOf, offers, pick, refuse, selected, setLayout, take, waiting } from '../desk/desk.js';
import { now } from '../lib/clock.js';
import { focusChat, focusWhenGiven } from './focus.js';
import { Icon } from './icons.js';
import { Countdown, Elapsed, urgency } from './wait.js';

export function Rail() {
  const w = words.value;
  return html`<aside class="rail" aria-label=${w.rail.label}>
    <${Offers} />
    <section class="rail-section" aria-labelledby="mine-title">
      <div class="rail-head"><h2 id="mine-title" tabindex="-1">${w.rail.mine}</h2><span class="tally">${mine.value.length}</span>${mine.value.length > 1 && html`<${Layout} />`}</div>
      ${mine.value.length === 0
        ? html`<p class="rail-empty">${w.rail.noChats}</p>`
        : html`<ul class="chat-list" onKeyDown=${roam}>${mine.value.map(chat => html`<${ChatRow} key=${chat.id} chat=${chat} />`)}</ul>`}
    </section>
    <section class="rail-section" aria-labelledby="waiting-title">
      <div class="rail-head"><h2 id="waiting-title" tabindex="-1">${w.rail.waiting}</h2><span class="tally">${[...waiting.value.values()].reduce((sum, list) => sum + list.total, 0)}</span></div>
      ${campaigns.value.length === 0 && html`<p class="rail-empty">${w.rail.noCampaigns}</p>`}
      ${campaigns.value.map(campaign => html`<${Queue} key=${campaign.campaign} campaign=${campaign} />`)}
    </section>
    ${ended.value.length > 0 && html`<section class="rail-section" aria-labelledby="ended-title">
      <div class="rail-head"><h2 id="ended-title">${w.rail.ended}</h2><span class="tally">${ended.value.length}</span></div>
      <ul class="chat-list" onKeyDown=${roam}>${ended.value.map(chat => html`<${ChatRow} key=${chat.id} chat=${chat} />`)}</ul>
    </section>`}
  </aside>`;
}

/** Arrow keys walk a list of buttons. @param {KeyboardEvent} event */
function roam(event) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = /** @type {HTMLElement[]} */ ([.../** @type {HTMLElement} */ (event.currentTarget).querySelectorAll('.chat-row')]);
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  rows[(at + (event.key === 'ArrowDown' ? 1 : -1) + rows.length) % rows.length]?.focus();
  event.preventDefault();
}

/** @param {{ colour?: string }} props */
export function Dot({ colour }) {
  return html`<span class="dot" style=${{ background: colour ?? 'transparent' }} aria-hidden="true"></span>`;
}

function Layout() {
  const w = words.value.layout;
  return html`<div class="segments tiny" role="group" aria-label=${w.label}>
    <button type="button" aria-pressed=${layout.value === 'one'} aria-label=${w.one} title=${w.one} onClick=${() => setLayout('one')}><${Icon} name="single" size=${14} /></button>
    <button type="button" aria-pressed=${layout.value === 'side'} aria-label=${w.side} title=${w.side} onClick=${() => setLayout('side')}><${Icon} name="columns" size=${14} /></button>
  </div>`;
}

function Offers() {
  const w = words.value;
  if (offers.value.length === 0) return null;
  return html`<section class="rail-section offers" aria-labelledby="offers-title">
    <div class="rail-head"><h2 id="offers-title">${w.rail.offers}</h2><span class="tally strong">${offers.value.length}</span></div>
    ${offers.value.map(chat => html`<${Offer} key=${chat.id} chat=${chat} />`)}
  </section>`;
}

/** @param {{ chat: Chat }} props */
function Offer({ chat }) {
  const w = words.value.offer;
  const view = chat.view.value;
  const busy = useSignal(false);
  const campaign = campaignOf(view.campaign);
  const phase = view.phase;
  const lapses = phase.kind === 'offered' || phase.kind === 'transferring' ? phase.lapses_at : null;
  const answer = async (/** @type {boolean} */ yes) => {
    if (busy.value) return;
    busy.value = true;
    await (yes ? focusWhenGiven(chat.id, accept(chat.id)) : refuse(chat.id));
    busy.value = false;
  };
  const said = chat.messages.value.findLast(m => m.author.kind === 'visitor');
  const total = lapses == null ? 0 : lapses - view.since;
  const left = lapses == null ? 0 : Math.max(0, lapses - now.value);
  return html`<article class="offer" aria-label=${w.label(nameOf(chat))}>
    <div class="offer-head"><strong class="clip">${nameOf(chat)}</strong><${Countdown} at=${lapses} /></div>
    <div class="row-line"><${Dot} colour=${campaign?.colour} /><span class="clip">${campaign?.name}</span><${LanguageTag} tag=${view.visitor.language} />
      ${phase.kind === 'transferring' && html`<span class="clip">${w.from(agentName(view.owner) ?? '')}</span>`}
      ${view.returned && html`<span class="tag">${words.value.facts.returned}</span>`}</div>
    <div class="row-line muted"><${Elapsed} since=${view.requested_at} limit=${campaign?.answer_within ?? null} kind="wait" /><span class="clip">${place(view.visitor.page)}</span></div>
    ${said && html`<p class="offer-said">${said.text}</p>`}
    ${total > 0 && html`<div class="fuse" aria-hidden="true"><span style=${{ width: `${Math.min(100, (left / total) * 100)}%` }}></span></div>`}
    <div class="offer-actions">
      <button type="button" class="button primary" disabled=${busy.value || !online()} onClick=${() => answer(true)}><${Icon} name="check" />${w.accept}</button>
      <button type="button" class="button" disabled=${busy.value || !online()} onClick=${() => answer(false)}>${w.refuse}</button>
    </div>
  </article>`;
}

const online = () => link.state.value === 'online';

/** @param {{ tag?: string | null }} props */
export function LanguageTag({ tag }) {
  if (!tag) return null;
  return html`<span class="tag" title=${words.value.facts.language}><span class="hidden">${words.value.facts.language}: </span>${tag.toUpperCase().slice(0, 5)}</span>`;
}

/** @param {string | null | undefined} page @returns {string} host and path, without the query */
export function place(page) {
  try {
    const url = new URL(page ?? '');
    return url.host + (url.pathname === '/' ? '' : url.pathname);
  } catch {
    return '';
  }
}

/** @param {{ chat: Chat }} props */
function ChatRow({ chat }) {
  const w = words.value;
  const view = chat.view.value;
  const campaign = campaignOf(view.campaign);
  const over = chat.ended.value;
  const unread = over ? 0 : chat.unread.value;
  const last = chat.lastMessage.value;
  const pending = chat.pending.value.at(-1);
  const line = over ? w.gone(over)
    : chat.typing.value ? w.chat.typing
    : pending ? pending.text
    : last ? (last.author.kind === 'visitor' ? last.text : `${w.chat.you(last.author.agent === me.value?.agent, last.author.name ?? '')}: ${last.text}`)
    : w.chat.noMessages;
  const open = () => {
    pick(chat.id);
    focusChat(chat.id);
  };
  return html`<li><button type="button" class="chat-row ${unread > 0 ? 'unread' : ''}" aria-current=${selected.value === chat.id ? 'true' : undefined} onClick=${open}>
    <span class="row-top"><${Dot} colour=${campaign?.colour} /><span class="row-name clip">${nameOf(chat)}</span>
      ${!over && !view.connected && html`<span class="chip-icon warn" title=${w.chat.disconnected}><${Icon} name="unplug" size=${14} /><span class="hidden">${w.chat.disconnected}</span></span>`}
      ${view.phase.kind === 'transferring' && !over && html`<span class="chip-icon" title=${w.chat.transferring}><${Icon} name="transfer" size=${14} /><span class="hidden">${w.chat.transferring}</span></span>`}
      ${!over && html`<${Elapsed} since=${chat.activeSince.value} limit=${campaign?.time_chat ?? null} kind="chat" />`}</span>
    <span class="row-bottom"><span class="clip ${chat.typing.value ? 'typing-line' : ''}">${line}</span>
      ${chat.draft.value.reply && !over && html`<span class="tag">${w.chat.draft}</span>`}
      ${unread > 0 && html`<span class="count"><span class="hidden">${w.chat.unread(unread)}</span><span aria-hidden="true">${unread}</span></span>`}</span>
  </button></li>`;
}

/** @param {{ campaign: DeskCampaign }} props */
function Queue({ campaign }) {
  const w = words.value.queue;
  const list = waiting.value.get(campaign.campaign);
  const total = list?.total ?? 0;
  const first = list?.chats ?? [];
  const active = mine.value.filter(c => c.view.value.campaign === campaign.campaign).length;
  const shut = useSignal(false);
  const load = campaign.cap ? w.load(active, campaign.cap) : w.loadOpen(active);
  // In a pull campaign nothing is assigned, which is no reason not to take.
  const reason = campaign.why_not === 'pull' ? null : campaign.why_not;
  const id = `queue-${campaign.campaign}`;
  return html`<div class="queue">
    <button type="button" class="queue-head" aria-expanded=${!shut.value} aria-controls=${id} onClick=${() => (shut.value = !shut.value)}>
      <${Icon} name=${shut.value ? 'right' : 'down'} size=${12} /><${Dot} colour=${campaign.colour} /><span class="row-name clip">${campaign.name}</span>
      ${!campaign.open && html`<span class="tag">${w.closed}</span>`}
      <span class="tally">${total}<span class="hidden"> ${words.value.rail.waiting}</span></span>
    </button>
    <p class="membership ${reason ? 'no' : 'yes'}"><${Icon} name=${reason ? (reason === 'no_voice_campaign' ? 'warning' : 'pause') : 'circleCheck'} size=${14} />
      <span>${reason ? words.value.whyNot(reason) : campaign.pull ? w.youMayTake : w.youGet} · ${load}</span></p>
    ${!shut.value && html`<ul id=${id} class="wait-list">
      ${first.map(view => html`<${WaitRow} key=${view.chat} view=${view} campaign=${campaign} />`)}
      ${total > first.length && html`<li class="rail-empty">${w.more(total - first.length)}</li>`}
    </ul>`}
  </div>`;
}

/** @param {{ view: ChatView, campaign: DeskCampaign }} props */
function WaitRow({ view, campaign }) {
  const w = words.value;
  const name = view.visitor.name?.trim() || w.visitor.unnamed;
  const busy = useSignal(false);
  const asked = view.phase.kind === 'offered';
  const level = urgency((now.value - view.requested_at) / 1000, campaign.answer_within);
  const onTake = async () => {
    busy.value = true;
    await focusWhenGiven(view.chat, take(view.chat));
    busy.value = false;
  };
  return html`<li class="wait-row ${level}">
    <${Elapsed} since=${view.requested_at} limit=${campaign.answer_within} kind="wait" />
    <span class="row-name clip">${name}</span>
    ${!view.connected && html`<span class="chip-icon warn" title=${w.chat.disconnected}><${Icon} name="unplug" size=${14} /><span class="hidden">${w.chat.disconnected}</span></span>`}
    <${LanguageTag} tag=${view.visitor.language} />
    ${asked
      ? html`<span class="muted small">${w.queue.beingAsked}</span>`
      : html`<button type="button" class="button small" disabled=${busy.value || !online()} aria-label=${w.queue.takeName(name)} onClick=${onTake}>${w.queue.take}</button>`}
  </li>`;
}
