// A conversation: who it is with, what was said, and where to write.

/** @import { Chat } from '../desk/chat.js' */
/** @import { Message, Note, Pending } from '../types.js' */

import { html, useEffect, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { fullTime, timeOfDay } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { agentName, call, campaignOf, cancelTransfer, destination, factsShown, leave, link, me, nameOf, owns, pick, selected, setFacts, sideBySide } from '../desk/desk.js';
import { Composer } from './composer.js';
import { dialog } from './dialog.js';
import { Said } from './file.js';
import { Icon } from './icons.js';
import { Dot, LanguageTag } from './rail.js';
import { Countdown, Elapsed } from './wait.js';

/** @typedef {{ at: number, message: Message } | { at: number, note: Note }} Entry */

/** @param {{ chat: Chat }} props */
export function Conversation({ chat }) {
  const front = selected.value === chat.id;
  const side = sideBySide.value;
  const bring = () => {
    if (selected.peek() !== chat.id) pick(chat.id);
  };
  return html`<section class="conversation ${front ? 'front' : ''}" aria-label=${words.value.chat.label(nameOf(chat))}
      onFocusCapture=${side ? bring : undefined} onPointerDownCapture=${side ? bring : undefined}>
    <${Head} chat=${chat} />
    <${Transferring} chat=${chat} />
    <${Log} chat=${chat} />
    ${chat.ended.value
      ? html`<${EndedBar} chat=${chat} />`
      : html`<${Composer} chat=${chat} />`}
  </section>`;
}

/** @param {{ chat: Chat }} props */
function Head({ chat }) {
  const w = words.value.chat;
  const view = chat.view.value;
  const campaign = campaignOf(view.campaign);
  const over = chat.ended.value;
  const offline = link.state.value !== 'online';
  const moving = view.phase.kind === 'transferring';
  return html`<header class="conversation-head">
    <div class="who">
      <h2 class="clip">${nameOf(chat)}</h2>
      <div class="row-line muted"><${Dot} colour=${campaign?.colour} /><span class="clip">${campaign?.name}</span><${LanguageTag} tag=${view.visitor.language} />
        ${!over && html`<span class="presence ${view.connected ? 'on' : 'off'}"><${Icon} name=${view.connected ? 'plug' : 'unplug'} size=${14} /><span class="presence-word">${view.connected ? w.connected : w.disconnected}</span></span>
          <${Elapsed} since=${chat.activeSince.value} limit=${campaign?.time_chat ?? null} kind="chat" />`}</div>
    </div>
    <div class="actions">
      ${!over && campaign?.media && !view.call && view.phase.kind === 'active' && /** @type {const} */ ([['phone', w.call, false], ['video', w.videoCall, true]]).map(([name, label, video]) => html`
        <button type="button" class="icon-button" title=${label} aria-label=${label} disabled=${offline} onClick=${() => call(chat, video)}><${Icon} name=${name} /></button>`)}
      ${!over && owns(chat) && html`
        <button type="button" class="button" title=${w.transfer} disabled=${offline || moving} onClick=${() => (dialog.value = { kind: 'transfer', chat: chat.id })}><${Icon} name="transfer" /><span class="action-word">${w.transfer}</span></button>
        <button type="button" class="icon-button" title=${w.invite} aria-label=${w.invite} disabled=${offline || moving} onClick=${() => (dialog.value = { kind: 'invite', chat: chat.id })}><${Icon} name="users" /></button>
        <button type="button" class="button" title=${w.close} disabled=${offline} onClick=${() => (dialog.value = { kind: 'close', chat: chat.id })}><${Icon} name="stop" /><span class="action-word">${w.close}</span></button>`}
      ${!over && !owns(chat) && html`<button type="button" class="button" disabled=${offline} onClick=${() => void leave(chat.id)}><${Icon} name="door" /><span class="action-word">${w.leave}</span></button>`}
      <button type="button" class="icon-button" aria-pressed=${factsShown.value && selected.value === chat.id} aria-label=${w.facts} title=${w.facts} onClick=${() => setFacts(!factsShown.value)}><${Icon} name="panel" /></button>
    </div>
  </header>`;
}

/** @param {{ chat: Chat }} props */
function EndedBar({ chat }) {
  const asks = campaignOf(chat.view.value.campaign)?.quality && !chat.evaluated.value;
  return html`<p class="ended-bar"><${Icon} name="stop" /><span class="push">${words.value.gone(chat.ended.value ?? '')}</span>
    ${asks && html`<button type="button" class="button small" disabled=${link.state.value !== 'online'} onClick=${() => (dialog.value = { kind: 'quality', chat: chat.id })}>${words.value.quality.open}</button>`}</p>`;
}

/** @param {{ chat: Chat }} props */
function Transferring({ chat }) {
  const { phase, owner } = chat.view.value;
  if (phase.kind !== 'transferring' || chat.ended.value) return null;
  const w = words.value.chat;
  return html`<div class="callout plain bar"><${Icon} name="transfer" /><span>${w.transferringTo(destination(phase.to))}</span><${Countdown} at=${phase.lapses_at} />
    ${owner === me.value?.agent && html`<button type="button" class="button small" onClick=${() => void cancelTransfer(chat.id)}>${w.cancelTransfer}</button>`}</div>`;
}

/** @param {Message[]} messages @param {Note[]} notes @returns {Entry[]} notes where they were written */
function woven(messages, notes) {
  /** @type {Entry[]} */
  const all = [];
  let i = 0;
  for (const message of messages) {
    while (i < notes.length && notes[i].at < message.at) all.push({ at: notes[i].at, note: notes[i++] });
    all.push({ at: message.at, message });
  }
  while (i < notes.length) all.push({ at: notes[i].at, note: notes[i++] });
  return all;
}

/** @param {{ chat: Chat }} props */
function Log({ chat }) {
  const w = words.value.chat;
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const atEnd = useRef(true);
  const below = useSignal(false);
  const messages = chat.messages.value;
  const notes = chat.notes.value;
  const pending = chat.pending.value;
  const typing = chat.typing.value;
  const front = selected.value === chat.id;

  const look = () => {
    if (atEnd.current && selected.peek() === chat.id && document.visibilityState === 'visible' && document.hasFocus()) chat.look();
  };
  const toEnd = () => {
    const log = box.current;
    if (log) log.scrollTop = log.scrollHeight;
    atEnd.current = true;
    below.value = false;
  };
  useLayoutEffect(() => {
    atEnd.current = true;
    below.value = false;
  }, [chat.id]);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
    else below.value = true;
  }, [chat.id, messages.length, notes.length, pending.length, typing]);
  useEffect(() => {
    look();
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [chat.id, messages.length, front]);
  const onScroll = () => {
    const log = box.current;
    if (!log) return;
    atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
    if (atEnd.current) {
      below.value = false;
      look();
    }
  };

  const entries = woven(messages, notes);
  return html`<div class="log-frame">
    <div ref=${box} class="log" role="log" tabindex="0" aria-label=${w.log(nameOf(chat))} aria-live=${front ? 'polite' : 'off'} onScroll=${onScroll}>
      ${messages.length === 0 && pending.length === 0 && html`<p class="log-empty">${chat.loaded.value ? w.noMessages : w.loading}</p>`}
      <ol class="entries">
        ${entries.map((entry, i) => 'note' in entry
          ? html`<${NoteEntry} key=${`note ${entry.note.key ?? entry.note.at}`} note=${entry.note} />`
          : html`<${MessageEntry} key=${entry.message.number} chat=${chat} message=${entry.message} follows=${follows(entries[i - 1], entry)} />`)}
        ${pending.map(p => html`<${PendingEntry} key=${p.key} chat=${chat} pending=${p} />`)}
      </ol>
      ${typing && html`<p class="typing"><span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>${w.isTyping(nameOf(chat))}</p>`}
    </div>
    ${below.value && html`<button type="button" class="button small to-end" onClick=${toEnd}><${Icon} name="down" />${w.newBelow}</button>`}
  </div>`;
}

/** @param {Entry | undefined} before @param {{ message: Message }} entry */
function follows(before, entry) {
  if (!before || !('message' in before)) return false;
  const a = before.message;
  const b = entry.message;
  return a.author.kind === b.author.kind && a.author.agent === b.author.agent && a.automatic === b.automatic && b.at - a.at < 120_000;
}

/** @param {{ chat: Chat, message: Message, follows: boolean }} props */
function MessageEntry({ chat, message, follows }) {
  const w = words.value.chat;
  const { kind } = message.author;
  const own = kind === 'agent' && message.author.agent === me.value?.agent;
  if (kind === 'system') {
    return html`<li class="entry system"><span class="system-text">${message.text || w.system(message.code ?? '')}</span><${Stamp} message=${message} /></li>`;
  }
  const view = chat.view.value;
  const name = kind === 'visitor' ? nameOf(chat) : own ? (me.value?.name ?? '') : message.author.name ?? agentName(message.author.agent) ?? w.bot;
  const mark = own ? (message.number <= view.read ? 'read' : message.number <= view.delivered ? 'delivered' : 'stored') : null;
  return html`<li class="entry ${kind === 'visitor' ? 'theirs' : 'ours'} ${message.automatic ? 'automatic' : ''} ${follows ? 'follows' : ''}">
    ${!follows && html`<span class="author">${name}${message.automatic && html`<span class="tag">${w.automatic}</span>`}</span>`}
    <div class="bubble"><${Said} chat=${chat.id} message=${message} /></div>
    <${Stamp} message=${message} mark=${mark} />
  </li>`;
}

/** @param {{ message: Message, mark?: 'read' | 'delivered' | 'stored' | null }} props */
function Stamp({ message, mark = null }) {
  const w = words.value.chat;
  return html`<span class="stamp"><time dateTime=${new Date(message.at).toISOString()} title=${fullTime(message.at)}>${timeOfDay(message.at)}</time>
    <span class="number" title=${w.number(message.number)}><span class="hidden">${w.number(message.number)}</span><span aria-hidden="true">#${message.number}</span></span>
    ${mark && html`<span class="mark ${mark}" title=${w.marks[mark]}><${Icon} name=${/** @type {const} */ ({ stored: 'check', delivered: 'checks', read: 'eye' })[mark]} size=${14} /><span class="hidden">${w.marks[mark]}</span></span>`}</span>`;
}

/** @param {{ note: Note }} props */
function NoteEntry({ note }) {
  const w = words.value.chat;
  return html`<li class="entry note"><span class="author"><${Icon} name="lock" size=${14} /><strong>${note.whisper ? w.whisper : w.note}</strong> · ${note.name}</span>
    <div class="bubble">${note.text}</div>
    <span class="stamp"><time dateTime=${new Date(note.at).toISOString()} title=${fullTime(note.at)}>${timeOfDay(note.at)}</time> · ${w.noteHidden}</span></li>`;
}

/** @param {{ chat: Chat, pending: Pending }} props */
function PendingEntry({ chat, pending }) {
  const w = words.value.chat;
  const note = pending.kind === 'note';
  const back = () => {
    chat.edit(note ? { note: pending.text, mode: 'note' } : { reply: pending.text, mode: 'reply' });
    chat.discard(pending.key);
  };
  return html`<li class="entry ${note ? 'note' : 'ours'} pending ${pending.failed ? 'failed' : ''}">
    ${note && html`<span class="author"><${Icon} name="lock" size=${14} /><strong>${w.note}</strong></span>`}
    <div class="bubble">${pending.text}</div>
    ${pending.failed
      ? html`<span class="stamp failed"><${Icon} name="warning" size=${14} />${w.notSent}: ${words.value.refusal(pending.failed)}
          ${!chat.ended.value && html`<button type="button" class="link-button" onClick=${() => chat.retry(pending.key)}>${w.retry}</button><button type="button" class="link-button" onClick=${back}>${w.toDraft}</button>`}
          <button type="button" class="link-button" onClick=${() => chat.discard(pending.key)}>${w.discard}</button></span>`
      : html`<span class="stamp"><${Icon} name="clock" size=${14} />${link.state.value === 'online' ? w.sending : w.sendsLater}</span>`}
  </li>`;
}
