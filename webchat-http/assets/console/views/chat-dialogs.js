// The questions asked before a chat is closed or handed on, and before the agent leaves with chats open.

/** @import { Signal } from '../vendor/preact.js' */
/** @import { Chat } from '../desk/chat.js' */

import { html, useEffect, useId, useRef, useSignal } from '../vendor/preact.js';
import { words } from '../lib/words.js';
import { notice } from '../lib/alerts.js';
import { campaigns, close, colleagues, invite, leaveDesk, lookAround, me, mine, nameOf, pause, pick, queues, transfer } from '../desk/desk.js';
import { Dialog, dialog, shutDialog } from './dialog.js';
import { focusChat, focusOn } from './focus.js';
import { Icon } from './icons.js';
import { Dot } from './rail.js';

/** Between the steps of a disposition in a form control; texts never hold control characters. */
const STEP = '\u001f';

/** A chat of this agent's; without it there is nothing to ask, and the dialog goes. @param {string} id @returns {Chat | undefined} */
function useMine(id) {
  const chat = mine.value.find(c => c.id === id);
  useEffect(() => {
    if (!chat) shutDialog();
  }, [chat]);
  return chat;
}

/**
 * A question with two answers: leave it, or go. Nothing is sent twice while one is under way.
 * @param {{ title: string, go: string, danger?: boolean, focused?: boolean, off?: boolean, onGo: () => Promise<unknown>, children?: import('../vendor/preact.js').Child }} props
 */
function Question({ title, go, danger = false, focused = false, off = false, onGo, children }) {
  const busy = useSignal(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    await onGo();
    busy.value = false;
  };
  return html`<${Dialog} title=${title}>
    <form onSubmit=${submit}>
      ${children}
      <footer class="dialog-foot"><button type="button" class="button" onClick=${shutDialog}>${words.value.common.cancel}</button>
        <button type="submit" class="button ${danger ? 'danger' : 'primary'}" autofocus=${focused} disabled=${busy.value || off}>${go}</button></footer>
    </form>
  </${Dialog}>`;
}

/** @param {{ id: string }} props */
export function CloseDialog({ id }) {
  const w = words.value.closing;
  const chat = useMine(id);
  const disposition = useSignal('');
  const field = useId();
  if (!chat) return null;
  const go = async () => {
    if (rule?.disposition_required && !disposition.value) return document.getElementById(field)?.focus();
    if (!(await close(id, disposition.value ? disposition.value.split(STEP) : null))) return;
    shutDialog();
    // Closed is closed, whether the questions are answered or not.
    if (rule?.quality) dialog.value = { kind: 'quality', chat: id };
    const next = mine.peek().find(c => c.id !== id);
    if (next) {
      pick(next.id);
      focusChat(next.id);
    } else focusOn('mine-title');
  };
  const rule = campaigns.value.find(c => c.campaign === chat.view.value.campaign);
  const choices = rule?.dispositions ?? [];
  const asks = choices.length > 0 || rule?.disposition_required === true;
  const unsent = chat.pending.value.length > 0 || chat.draft.value.reply.trim() !== '';
  return html`<${Question} title=${w.title(nameOf(chat))} go=${w.go} danger=${true} focused=${!asks} onGo=${go}>
      <p>${w.text}</p>
      ${asks && html`<div class="field"><label for=${field}>${w.disposition}${!rule?.disposition_required && html` <span class="muted">${words.value.common.optional}</span>`}</label>
        ${choices.length > 0
          ? html`<select id=${field} class="input" autofocus value=${disposition.value} onChange=${(/** @type {any} */ e) => (disposition.value = e.currentTarget.value)}>
              <option value="">${w.choose}</option>${choices.map(path => html`<option value=${path.join(STEP)}>${path.join(' › ')}</option>`)}</select>`
          : html`<input id=${field} class="input" autofocus maxlength="80" value=${disposition.value} onInput=${(/** @type {any} */ e) => (disposition.value = e.currentTarget.value.trim())} />`}</div>`}
      ${unsent && html`<p class="callout warn"><${Icon} name="warning" />${w.unsent}</p>`}
  </${Question}>`;
}

/** @param {{ id: string }} props */
export function TransferDialog({ id }) {
  const w = words.value.transferring;
  const chat = useMine(id);
  const kind = useSignal(/** @type {'agent' | 'campaign'} */ ('agent'));
  const filter = useSignal('');
  const chosen = useSignal(/** @type {number | null} */ (null));
  useEffect(() => void lookAround(), []);
  if (!chat) return null;
  const all = kind.value === 'agent' ? others(chat)
    : queues.value.map(c => ({ id: c.campaign, name: c.name, colour: c.colour, tag: c.open ? '' : words.value.queue.closed, shut: !c.open }));
  const { shown, choice } = found(all, filter.value, chosen.value);
  const turn = (/** @type {'agent' | 'campaign'} */ next) => {
    kind.value = next;
    chosen.value = null;
  };
  const go = async () => {
    if (!choice || !(await transfer(id, kind.value === 'agent' ? { agent: choice.id } : { campaign: choice.id }))) return;
    shutDialog();
    notice('good', w.asked(choice.name));
  };
  return html`<${Question} title=${w.title(nameOf(chat))} go=${w.go} off=${!choice} onGo=${go}>
      <p class="muted">${w.text}</p>
      <div class="segments" role="group" aria-label=${w.to}>
        <button type="button" aria-pressed=${kind.value === 'agent'} onClick=${() => turn('agent')}><${Icon} name="user" size=${14} />${w.agent}</button>
        <button type="button" aria-pressed=${kind.value === 'campaign'} onClick=${() => turn('campaign')}><${Icon} name="inbox" size=${14} />${w.campaign}</button>
      </div>
      <${Choices} label=${kind.value === 'agent' ? w.agent : w.campaign} shown=${shown} choice=${choice} filter=${filter} chosen=${chosen} />
  </${Question}>`;
}

/** @param {{ id: string }} props */
export function InviteDialog({ id }) {
  const w = words.value.inviting;
  const chat = useMine(id);
  const filter = useSignal('');
  const chosen = useSignal(/** @type {number | null} */ (null));
  useEffect(() => void lookAround(), []);
  if (!chat) return null;
  const { shown, choice } = found(others(chat), filter.value, chosen.value);
  const go = async () => {
    if (!choice || !(await invite(id, choice.id))) return;
    shutDialog();
    notice('good', w.joined(choice.name));
  };
  return html`<${Question} title=${w.title(nameOf(chat))} go=${w.go} off=${!choice} onGo=${go}>
      <p class="muted">${w.text}</p>
      <${Choices} label=${words.value.transferring.agent} shown=${shown} choice=${choice} filter=${filter} chosen=${chosen} />
  </${Question}>`;
}

/** @typedef {{ id: number, name: string, colour: string, tag: string, shut: boolean }} Option */

/** The agents who are not in the chat. @param {Chat} chat @returns {Option[]} */
function others(chat) {
  const outside = colleagues.value.filter(a => a.agent !== me.value?.agent && !chat.view.value.participants.includes(a.agent));
  const { away } = words.value.transferring;
  const all = outside.map(a => ({ id: a.agent, name: a.name, colour: '', tag: a.signed_in === false ? away : a.paused ? words.value.state.paused : '', shut: a.signed_in === false }));
  return all.sort((a, b) => Number(a.shut) - Number(b.shut) || Number(a.tag !== '') - Number(b.tag !== ''));
}

/**
 * What a search leaves, and what is chosen: the only one left needs no click.
 * @param {Option[]} all
 * @param {string} filter
 * @param {number | null} chosen
 */
function found(all, filter, chosen) {
  const needle = filter.trim().toLocaleLowerCase();
  const shown = all.filter(x => x.name.toLocaleLowerCase().includes(needle));
  return { shown, choice: shown.find(x => x.id === chosen && !x.shut) ?? (needle && shown.length === 1 && !shown[0].shut ? shown[0] : null) };
}

/**
 * A list to search and to choose one from.
 * @param {{ label: string, shown: Option[], choice: Option | null, filter: Signal<string>, chosen: Signal<number | null> }} props
 */
function Choices({ label, shown, choice, filter, chosen }) {
  const w = words.value.transferring;
  const group = useId();
  return html`<input class="input" type="search" autofocus aria-label=${w.search} placeholder=${w.search} value=${filter.value} onInput=${(/** @type {any} */ e) => (filter.value = e.currentTarget.value)} />
    <div class="choices" role="radiogroup" aria-label=${label}>
      ${shown.map(x => html`<label class="choice" key=${`${x.colour} ${x.id}`}><input type="radio" name=${group} checked=${choice?.id === x.id} disabled=${x.shut} onChange=${() => (chosen.value = x.id)} />
        ${x.colour ? html`<${Dot} colour=${x.colour} />` : html`<${Icon} name="user" />`}<span>${x.name}</span>${x.tag && html`<span class="tag">${x.tag}</span>`}</label>`)}
      ${shown.length === 0 && html`<p class="rail-empty">${w.none}</p>`}
    </div>`;
}

export function SignOutDialog() {
  const w = words.value.signOut;
  const go = async () => {
    shutDialog();
    await leaveDesk();
  };
  return html`<${Question} title=${w.title} go=${w.go} danger=${true} focused=${true} onGo=${go}><p>${w.text(mine.value.length)}</p></${Question}>`;
}

export function PauseDialog() {
  const w = words.value.pausing;
  const reason = useSignal('');
  const id = useId();
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const go = async () => {
    const text = reason.value.trim();
    if (!text) return box.current?.focus();
    void pause(text);
    shutDialog();
  };
  return html`<${Question} title=${w.title} go=${w.go} onGo=${go}>
      <div class="field"><label for=${id}>${w.reason}</label>
        <input ref=${box} id=${id} class="input" autofocus maxlength="80" value=${reason.value} onInput=${(/** @type {any} */ e) => (reason.value = e.currentTarget.value)} /></div>
  </${Question}>`;
}
