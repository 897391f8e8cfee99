// Recordings: chats that are over, found by what is known of them, and each told whole.

/** @import { RecordingList } from '../types.js' */

import { html, signal, useEffect, useId, useSignal } from '../vendor/preact.js';
import { fullTime, secondsBetween, span } from '../lib/clock.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Exporting } from './exporting.js';
import { agentName, agents, campaignName, cards } from './floor.js';
import { nameOf, Reading } from './reading.js';
import { Retention } from './retention.js';

const REASONS = ['agent_closed', 'visitor_left', 'visitor_gone', 'supervisor_closed', 'timed_out', 'out_of_time', 'agents_gone', 'agent_gone', 'disabled'];
const EMPTY = { text: '', campaign: '', agent: '', from: '', until: '', reason: '', score: '' };

/** The chat being read. */
const open = signal(/** @type {string | null} */ (null));

/** @param {typeof EMPTY} wish */
function conditions({ from, until, ...rest }) {
  const query = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== ''));
  // Days as the supervisor's own calendar has them, the last one included.
  if (from) query.set('from', String(new Date(`${from}T00:00`).getTime()));
  if (until) query.set('until', String(new Date(new Date(`${until}T00:00`).setHours(24)).getTime()));
  return query;
}

export function Recordings() {
  const w = words.value.recordings;
  const wish = useSignal(EMPTY);
  const list = useSignal(/** @type {RecordingList | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const exporting = useSignal(/** @type {URLSearchParams | null} */ (null));
  const id = useId();
  const load = async (/** @type {number | null} */ before = null) => {
    const query = conditions(wish.peek());
    if (before !== null) query.set('before', String(before));
    try {
      const page = /** @type {RecordingList} */ (await call('GET', `/recordings?${query}`));
      const known = before === null ? null : list.peek();
      list.value = known ? { chats: [...known.chats, ...page.chats], names: { ...known.names, ...page.names }, next: page.next } : page;
      failed.value = null;
    } catch (error) {
      failed.value = codeOf(error);
    }
  };
  useEffect(() => void load(), []);
  const set = (/** @type {keyof typeof EMPTY} */ name) => (/** @type {any} */ event) => {
    wish.value = { ...wish.value, [name]: event.currentTarget.value };
    if (name !== 'text') void load();
  };
  const search = (/** @type {Event} */ event) => {
    event.preventDefault();
    void load();
  };
  const choice = (/** @type {'campaign' | 'agent' | 'reason' | 'score'} */ name, /** @type {string} */ label, /** @type {[string | number, string][]} */ options) => html`<div class="field"><label for="${id}-${name}">${label}</label>
    <select id="${id}-${name}" class="input" value=${wish.value[name]} onChange=${set(name)}><option value="">${w.all}</option>${options.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select></div>`;
  const day = (/** @type {'from' | 'until'} */ name, /** @type {string} */ label) => html`<div class="field"><label for="${id}-${name}">${label}</label><input id="${id}-${name}" class="input" type="date" value=${wish.value[name]} onChange=${set(name)} /></div>`;
  const found = list.value;
  return html`<div class="floor-body"><h1 class="hidden">${w.title}</h1>
    <form class="finder" role="search" onSubmit=${search}>
      <div class="field finder-text"><label for="${id}-text">${w.text}</label><input id="${id}-text" class="input" type="search" placeholder=${w.textHint} value=${wish.value.text} onInput=${set('text')} /></div>
      ${choice('campaign', w.campaign, [...cards.value.keys()].map(campaign => [campaign, campaignName(campaign)]))}
      ${choice('agent', w.agent, [...agents.value.values()].map(({ agent, name }) => [agent, name]))}
      ${day('from', w.from)}${day('until', w.until)}
      ${choice('reason', w.reason, REASONS.map(reason => [reason, words.value.gone(reason)]))}
      ${choice('score', w.score, [5, 4, 3, 2, 1].map(n => [n, w.stars(n)]))}
      <button type="submit" class="button primary"><${Icon} name="search" />${w.find}</button>
      <button type="button" class="button" onClick=${() => (exporting.value = conditions(wish.peek()))}>${words.value.reading.export}</button>
    </form>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${found === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : found.chats.length === 0 ? html`<p class="muted" role="status">${w.none}</p>` : html`
      <div class="table-frame" tabindex="0" role="region" aria-label=${w.title}><table class="table"><thead><tr><th scope="col">${w.visitor}</th><th scope="col">${w.when}</th><th scope="col">${w.campaign}</th><th scope="col">${w.agent}</th><th scope="col">${w.reason}</th><th scope="col" class="figure">${w.length}</th><th scope="col" class="figure">${w.score}</th></tr></thead>
        <tbody>${found.chats.map(chat => html`<tr key=${chat.chat}><th scope="row"><button type="button" class="link-button" onClick=${() => (open.value = chat.chat)}>${nameOf(chat)}</button></th>
          <td class="small"><time dateTime=${new Date(chat.requested_at).toISOString()}>${fullTime(chat.requested_at)}</time></td><td>${campaignName(chat.campaign)}</td><td>${chat.agent == null ? '' : found.names[chat.agent] ?? agentName(chat.agent)}</td>
          <td>${words.value.gone(chat.closing.reason)}</td><td class="figure">${span(secondsBetween(chat.requested_at, chat.closing.at))}</td><td class="figure">${chat.feedback ? chat.feedback.score : ''}</td></tr>`)}</tbody></table></div>
      ${found.next !== null && html`<p class="row-actions"><button type="button" class="button" onClick=${() => void load(found.next)}>${w.older}</button></p>`}`}
    <${Retention} />
    ${open.value && html`<${Reading} key=${open.value} chat=${open.value} onClose=${() => (open.value = null)} onChange=${() => void load()} />`}
    ${exporting.value && html`<${Exporting} query=${exporting.value} onClose=${() => (exporting.value = null)} />`}
  </div>`;
}
