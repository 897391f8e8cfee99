// "What would a visitor get at …?": asked of the server for the draft as it stands, by the clock of the campaign's zone.

/** @import { Editing } from './editing.js' */
/** @import { Visit } from '../types.js' */

import { html, useId, useSignal } from '../vendor/preact.js';
import { LANGUAGES, language, nameOf, words } from '../lib/words.js';
import { Icon } from '../views/icons.js';

/** @param {{ edit: Editing }} props */
export function VisitCheck({ edit }) {
  const w = words.value.campaign.visit;
  const at = useSignal('');
  const tongue = useSignal(/** @type {string} */ (edit.language.peek()));
  const found = useSignal(/** @type {Visit | 'failed' | null} */ (null));
  const [atId, tongueId] = [useId(), useId()];
  const ask = async () => {
    const trial = await edit.tryOut({ at: at.value || undefined, language: tongue.value });
    found.value = trial?.visit ?? 'failed';
  };
  const visit = found.value;
  return html`<div class="visit"><h3>${w.title}</h3>
    <div class="row-line"><div class="field"><label for=${atId}>${w.at}</label><input class="input" type="datetime-local" id=${atId} value=${at.value} onInput=${(/** @type {any} */ e) => (at.value = e.currentTarget.value)} /></div>
      <div class="field"><label for=${tongueId}>${w.language}</label><select class="input" id=${tongueId} value=${tongue.value} onChange=${(/** @type {any} */ e) => (tongue.value = e.currentTarget.value)}>${LANGUAGES.map(tag => html`<option value=${tag}>${nameOf(tag)}</option>`)}</select></div>
      <button type="button" class="button" onClick=${() => void ask()}>${w.ask}</button></div>
    <div role="status">${visit === 'failed' ? html`<p class="wrong"><${Icon} name="warning" size=${14} />${w.failed}</p>` : visit && html`<${Answer} visit=${visit} />`}</div></div>`;
}

/** @param {{ visit: Visit }} props */
function Answer({ visit }) {
  const w = words.value.campaign.visit;
  const when = (/** @type {number} */ at) => new Date(at).toLocaleString(language.value, { timeZone: visit.zone || 'UTC', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const state = visit.refused === 'disabled' ? 'off' : visit.open ? 'open' : 'closed';
  return html`<div class="answer"><p><span class="status ${state}"><${Icon} name=${/** @type {const} */ ({ open: 'circleCheck', closed: 'clock', off: 'stop' })[state]} size=${14} />${w[state]}</span> <span class="muted">${when(visit.at)} · ${visit.zone || 'UTC'}</span></p>
    ${visit.text ? html`<blockquote lang=${visit.language}>${visit.text}</blockquote>` : html`<p class="hint">${w.silent}</p>`}
    ${visit.offline_form && html`<p class="hint">${w.form}</p>`}
    ${visit.next_change ? html`<p class="hint">${visit.open ? w.closes(when(visit.next_change)) : w.opens(when(visit.next_change))}</p>` : html`<p class="hint">${w.never}</p>`}</div>`;
}
