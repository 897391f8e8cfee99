// The pane beside the list: one chat as it goes on, and the ways to step in.

/** @import { FloorChat, Message, Note } from '../types.js' */

import { html, signal, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { fullTime, timeOfDay } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Said } from '../views/file.js';
import { focusOn } from '../views/focus.js';
import { Icon } from '../views/icons.js';
import { Dot, LanguageTag } from '../views/rail.js';
import { Elapsed } from '../views/wait.js';
import { act, agentName, agents, asking, campaignName, cards, leave, link, messages, nameOf, notes, self, typing, watched } from './floor.js';

/** The question on screen, or null. */
export const open = signal(/** @type {'take_over' | 'end_chat' | 'transfer' | null} */ (null));
const WHISPER_CHARS = 2000;
/** The id of the field for whispering. */
export const WHISPER = 'whisper';

/** Leaves the chat; the keyboard goes back to its row, or to the list when that is not drawn. */
export function stopWatching() {
  const row = `watch-${watched.peek()?.id}`;
  leave();
  focusOn(document.getElementById(row) ? row : 'live-list');
}

export function WatchPane() {
  const w = words.value.floor.watch;
  const now = watched.value;
  const title = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useLayoutEffect(() => {
    title.current?.focus();
    return () => {
      open.value = null;
    };
  }, []);
  if (!now) return null;
  const { row, over } = now;
  const name = nameOf(row);
  const off = over || link.state.value !== 'online';
  const card = cards.value.get(row.campaign);
  const waiting = row.phase === 'waiting' || row.phase === 'offered';
  return html`<section class="watch" aria-label=${w.label(name)}>
    <header class="conversation-head"><div class="who"><h2 ref=${title} class="clip" tabindex="-1">${name}</h2>
        <div class="row-line muted"><${Dot} colour=${card?.colour} /><span class="clip">${campaignName(row.campaign)}</span><${LanguageTag} tag=${row.language} />
          <span class="clip">${words.value.floor.live.phases[row.phase]} · ${agentName(row.agent) || w.unowned}</span>
          ${!over && html`<${Elapsed} since=${waiting ? row.requested_at : row.since} limit=${(waiting ? card?.limits.answer_within : card?.limits.time_chat) ?? null} kind=${waiting ? 'wait' : 'chat'} />`}</div></div>
      <button type="button" class="icon-button" aria-label=${w.stop} title=${w.stop} onClick=${stopWatching}><${Icon} name="close" /></button></header>
    <p class="callout bar ${over ? 'warn' : 'plain'}"><${Icon} name=${over ? 'stop' : 'eye'} /><span>${over ? w.over : w.unseen}</span></p>
    <div class="watch-actions">
      <button type="button" class="button small" disabled=${off || row.agent === self.value} onClick=${() => (open.value = 'take_over')}><${Icon} name="user" size=${14} />${w.takeOver}</button>
      <button type="button" class="button small" disabled=${off} onClick=${() => (open.value = 'transfer')}><${Icon} name="transfer" size=${14} />${w.transfer}</button>
      <button type="button" class="button small" disabled=${off} onClick=${() => (open.value = 'end_chat')}><${Icon} name="stop" size=${14} />${w.end}</button>
      <button type="button" class="button small" disabled=${off} onClick=${() => (asking.value = { chat: row.chat })}><${Icon} name="search" size=${14} />${words.value.floor.live.why}</button></div>
    <${Log} row=${row} />
    ${!over && html`<${Whisper} key=${row.chat} row=${row} off=${off} />`}
    ${open.value === 'transfer' && html`<${Transfer} row=${row} waiting=${waiting} />`}
    ${(open.value === 'take_over' || open.value === 'end_chat') && html`<${Sure} what=${open.value} row=${row} />`}
  </section>`;
}

/** @param {Message[]} said @param {Note[]} noted notes where they were written */
function woven(said, noted) {
  /** @type {({ at: number, message: Message } | { at: number, note: Note })[]} */
  const all = [...said.map(message => ({ at: message.at, message })), ...noted.map(note => ({ at: note.at, note }))];
  return all.sort((a, b) => a.at - b.at);
}

/** @param {{ row: FloorChat }} props */
function Log({ row }) {
  const w = words.value.floor.watch;
  const c = words.value.chat;
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const atEnd = useRef(true);
  const said = messages.value;
  const noted = notes.value;
  const busy = typing.value;
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [said.length, noted.length, busy]);
  const onScroll = () => {
    const log = box.current;
    if (log) atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  };
  const name = nameOf(row);
  return html`<div class="log-frame"><div ref=${box} class="log" role="log" tabindex="0" aria-label=${w.log(name)} onScroll=${onScroll}>
    <ol class="entries">${woven(said, noted).map(entry => 'note' in entry ? html`<${NoteEntry} key=${`note ${entry.at} ${entry.note.text}`} note=${entry.note} />` : html`<${MessageEntry} key=${entry.message.number} chat=${row.chat} message=${entry.message} visitor=${name} />`)}</ol>
    ${busy && html`<p class="typing"><span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>${c.isTyping(name)}</p>`}
  </div></div>`;
}

/** @param {{ at: number }} props */
function Time({ at }) {
  return html`<time dateTime=${new Date(at).toISOString()} title=${fullTime(at)}>${timeOfDay(at)}</time>`;
}

/** @param {{ chat: string, message: Message, visitor: string }} props */
function MessageEntry({ chat, message, visitor }) {
  const w = words.value.chat;
  const { kind, name, agent } = message.author;
  if (kind === 'system') return html`<li class="entry system"><span class="system-text">${message.text || w.system(message.code ?? '')}</span><span class="stamp"><${Time} at=${message.at} /></span></li>`;
  return html`<li class="entry ${kind === 'visitor' ? 'theirs' : 'ours'} ${message.automatic ? 'automatic' : ''}">
    <span class="author">${kind === 'visitor' ? visitor : name ?? agentName(agent) ?? w.bot}</span><div class="bubble"><${Said} chat=${chat} message=${message} /></div><span class="stamp"><${Time} at=${message.at} /></span></li>`;
}

/** @param {{ note: Note }} props */
function NoteEntry({ note }) {
  const w = words.value.chat;
  return html`<li class="entry note"><span class="author"><${Icon} name="lock" size=${14} /><strong>${note.whisper ? w.whisper : w.note}</strong> · ${note.name}</span>
    <div class="bubble">${note.text}</div><span class="stamp"><${Time} at=${note.at} /> · ${w.noteHidden}</span></li>`;
}

/** @param {{ row: FloorChat, off: boolean }} props */
function Whisper({ row, off }) {
  const w = words.value.floor.watch;
  const text = useSignal('');
  const busy = useSignal(false);
  /** What was said last and its key: said again after an answer was lost, it is the same whisper. */
  const last = useRef({ said: '', key: '' });
  const send = async () => {
    const said = text.value.trim();
    if (!said || busy.value || off) return;
    busy.value = true;
    if (last.current.said !== said) last.current = { said, key: crypto.randomUUID() };
    if (await act('whisper', { chat: row.chat, key: last.current.key, text: said })) {
      last.current = { said: '', key: '' };
      text.value = '';
    }
    busy.value = false;
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  return html`<div class="composer is-note"><div class="composer-modes"><label class="whisper-label" for=${WHISPER}><${Icon} name="lock" size=${14} />${w.whisper}</label><span class="composer-hint" id="${WHISPER}-hint">${w.whisperHint}</span></div>
    <div class="composer-row"><textarea id=${WHISPER} class="input" rows="2" maxlength=${WHISPER_CHARS} aria-describedby="${WHISPER}-hint" value=${text.value} onInput=${(/** @type {any} */ e) => (text.value = e.currentTarget.value)} onKeyDown=${onKeyDown}></textarea>
      <button type="button" class="button" disabled=${off || busy.value || !text.value.trim()} onClick=${() => void send()}>${w.whisperGo}</button></div></div>`;
}

/** @param {{ what: 'take_over' | 'end_chat', row: FloorChat }} props */
function Sure({ what, row }) {
  const w = words.value.floor.watch;
  const busy = useSignal(false);
  const name = nameOf(row);
  const shut = () => (open.value = null);
  const [title, text, go] = what === 'take_over' ? [w.takeOverTitle(name), w.takeOverText, w.takeOver] : [w.endTitle(name), w.endText, w.end];
  const confirm = async (/** @type {Event} */ event) => {
    event.preventDefault();
    busy.value = true;
    await act(what, { chat: row.chat });
    shut();
  };
  return html`<${Dialog} title=${title} onClose=${shut}><form onSubmit=${confirm}><p>${text}</p>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${shut}>${words.value.common.cancel}</button>
      <button type="submit" class="button ${what === 'take_over' ? 'primary' : 'danger'}" autofocus disabled=${busy.value}>${go}</button></footer></form></${Dialog}>`;
}

/** @param {{ row: FloorChat, waiting: boolean }} props */
function Transfer({ row, waiting }) {
  const w = words.value.floor.watch;
  const kind = useSignal(/** @type {'agent' | 'campaign'} */ ('agent'));
  const to = useSignal(0);
  const busy = useSignal(false);
  const shut = () => (open.value = null);
  const people = [...agents.value.values()].filter(a => a.state !== 'signed_out' && a.state !== 'lost' && a.agent !== row.agent);
  const campaigns = [...cards.value.values()].filter(card => card.campaign !== row.campaign && card.enabled && card.open);
  const choices = kind.value === 'agent' ? people.map(a => ({ id: a.agent, name: a.name, more: words.value.floor.people.states[a.state] })) : campaigns.map(c => ({ id: c.campaign, name: c.name, more: '' }));
  const go = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!to.value) return;
    busy.value = true;
    const done = await (kind.value === 'agent' ? act('assign', { chat: row.chat, agent: to.value }) : act('move', { chat: row.chat, campaign: to.value }));
    busy.value = false;
    if (done) shut();
  };
  const turn = (/** @type {'agent' | 'campaign'} */ next) => {
    kind.value = next;
    to.value = 0;
  };
  return html`<${Dialog} title=${w.transferTitle(nameOf(row))} onClose=${shut}><form onSubmit=${go}><p>${kind.value === 'agent' ? w.transferText : w.moveText}</p>
    ${waiting && html`<div class="segments" role="group" aria-label=${w.transfer}><button type="button" aria-pressed=${kind.value === 'agent'} onClick=${() => turn('agent')}>${w.toAgent}</button><button type="button" aria-pressed=${kind.value === 'campaign'} onClick=${() => turn('campaign')}>${w.toCampaign}</button></div>`}
    <div class="choices" role="radiogroup" aria-label=${w.transfer} tabindex="-1">${choices.length === 0 && html`<p class="log-empty">${w.nobody}</p>`}
      ${choices.map(({ id, name, more }) => html`<label class="choice"><input type="radio" name="to" checked=${to.value === id} onChange=${() => (to.value = id)} /><span class="clip">${name}</span><span class="muted small">${more}</span></label>`)}</div>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${shut}>${words.value.common.cancel}</button><button type="submit" class="button primary" disabled=${busy.value || !to.value}>${w.transfer}</button></footer></form></${Dialog}>`;
}
