// What supervisors did: who, when, what, about whom.

/** @import { Act, Acts } from '../types.js' */

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { fullTime } from '../lib/clock.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { agentName, campaignName } from './floor.js';

export function Audit() {
  const w = words.value.floor.acts;
  const page = useSignal(/** @type {Acts | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const what = useSignal('');
  const before = useSignal(/** @type {number | null} */ (null));
  const load = async () => {
    const query = new URLSearchParams();
    if (what.value) query.set('what', what.value);
    if (before.value) query.set('before', String(before.value));
    try {
      page.value = await call('GET', `/acts?${query}`);
      failed.value = null;
    } catch (error) {
      failed.value = codeOf(error);
    }
  };
  useEffect(() => void load(), [what.value, before.value]);
  const kinds = /** @type {[keyof typeof w.names, string][]} */ (Object.entries(w.names));
  const list = page.value;
  const name = (/** @type {number} */ agent) => list?.names[agent] ?? agentName(agent);
  const about = (/** @type {Act} */ act) => [act.chat && w.chat(act.chat), act.agent != null && name(act.agent), act.campaign != null && campaignName(act.campaign)].filter(Boolean).join(' · ');
  return html`<div class="floor-body"><h1 class="hidden">${words.value.floor.audit}</h1>
    <div class="live-bar"><select class="input" aria-label=${w.filter} value=${what.value} onChange=${(/** @type {any} */ e) => {
      what.value = e.currentTarget.value;
      before.value = null;
    }}><option value="">${w.all}</option>${kinds.map(([id, label]) => html`<option value=${id}>${label}</option>`)}</select>
      <button type="button" class="button" onClick=${() => void load()}><${Icon} name="retry" size=${14} />${w.refresh}</button></div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${list === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : list.acts.length === 0 ? html`<p class="muted">${w.none}</p>` : html`
      <div class="table-frame"><table class="table"><thead><tr><th scope="col">${w.when}</th><th scope="col">${w.by}</th><th scope="col">${w.what}</th><th scope="col">${w.about}</th></tr></thead>
        <tbody>${list.acts.map(act => html`<tr key=${act.number}><td class="small"><time dateTime=${new Date(act.at).toISOString()}>${fullTime(act.at)}</time></td><th scope="row">${name(act.by)}</th><td>${w.names[act.what] ?? act.what}</td><td>${about(act)}</td></tr>`)}</tbody></table></div>
      <p class="row-actions">${before.value != null && html`<button type="button" class="button small" onClick=${() => (before.value = null)}>${w.newest}</button>`}${list.next != null && html`<button type="button" class="button small" onClick=${() => (before.value = list.next)}>${w.older}</button>`}</p>`}
  </div>`;
}
