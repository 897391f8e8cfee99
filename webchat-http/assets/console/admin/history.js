// Who changed what about a campaign, and a way back.

/** @import { CampaignChange, CampaignHistory, SettingChange } from '../types.js' */

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { go } from '../lib/route.js';
import { language, words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { editing } from './editing.js';

/** @param {{ campaign: number }} props */
export function History({ campaign }) {
  const w = words.value.campaign.history;
  const found = useSignal(/** @type {CampaignHistory | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const load = async (/** @type {number | null} */ before) => {
    try {
      const page = /** @type {CampaignHistory} */ (await call('GET', `/campaigns/${campaign}/history${before ? `?before=${before}` : ''}`));
      const known = before ? found.peek() : null;
      found.value = { revisions: [...(known?.revisions ?? []), ...page.revisions], names: { ...known?.names, ...page.names }, next: page.next };
    } catch (error) {
      failed.value = codeOf(error);
    }
  };
  useEffect(() => void load(null), [campaign]);
  const putBack = async (/** @type {number} */ number) => {
    try {
      const { settings } = await call('GET', `/campaigns/${campaign}/history/${number}`);
      const edit = editing(campaign);
      await edit.load();
      edit.draft.value = settings;
      go(`campaigns/${campaign}`);
      notice('plain', words.peek().campaign.history.loaded(number));
    } catch (error) {
      notice('bad', words.peek().refusal(codeOf(error)));
    }
  };
  if (failed.value) return html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`;
  const history = found.value;
  if (!history) return html`<p class="muted">${words.value.common.loading}</p>`;
  return html`<ol class="history">${history.revisions.map((one, i) => html`<li key=${one.number} class="card">
      <header><div><strong>${one.by === null ? w.nobody : history.names[one.by] ?? one.by}</strong> <span class="muted">${w.number(one.number)} · <time datetime=${new Date(one.at).toISOString()}>${new Date(one.at).toLocaleString(language.value, { dateStyle: 'medium', timeStyle: 'medium' })}</time></span></div>
        ${i > 0 ? html`<button type="button" class="button small" aria-label=${w.putBackTitle(one.number)} onClick=${() => void putBack(one.number)}>${w.putBack}</button>` : html`<span class="tag">${w.current}</span>`}</header>
      ${one.number === 1 && html`<p class="hint">${w.made}</p>`}
      <${Changes} changes=${one.changes} />
    </li>`)}</ol>
    ${history.next && html`<p><button type="button" class="button" onClick=${() => void load(history.next)}>${w.more}</button></p>`}`;
}

/** @param {{ changes: SettingChange[] }} props */
export function Changes({ changes }) {
  const w = words.value.campaign.history;
  return html`<div class="table-frame"><table class="table changes"><thead><tr><th scope="col">${w.setting}</th><th scope="col">${w.before}</th><th scope="col">${w.after}</th></tr></thead>
    <tbody>${changes.map(change => html`<tr key=${change.field}><th scope="row">${nameOfSetting(change.field)}</th><td class="old">${written(change.old, change.field)}</td><td>${written(change.new, change.field)}</td></tr>`)}</tbody></table></div>`;
}

/** What others changed since, each once. @param {CampaignChange[]} since @returns {SettingChange[]} */
export function together(since) {
  /** @type {Map<string, SettingChange>} */
  const all = new Map();
  for (const { changes } of since.toReversed()) for (const change of changes) all.set(change.field, { ...change, old: all.get(change.field)?.old ?? change.old });
  return [...all.values()].filter(change => JSON.stringify(change.old) !== JSON.stringify(change.new));
}

/** @param {string} path such as `welcome.es` */
function nameOfSetting(path) {
  const w = words.value.campaign;
  const [name, ...rest] = path.split('.');
  const label = w.fields[/** @type {import('./fields.js').FieldName} */ (name)]?.label ?? name;
  /** @type {Record<string, string>} */
  const parts = name === 'files' ? { allowed: w.files.allowed, max_kib: w.files.size, kinds: '' } : name === 'extra_field' ? w.extra : {};
  return [label, ...rest.map(part => parts[part] ?? part)].filter(Boolean).join(' · ');
}

/** @param {unknown} value @param {string} field */
function written(value, field) {
  const w = words.value.campaign.history;
  /** @type {Record<string, string>} */
  const named = field === 'files.kinds' ? words.value.campaign.files : words.value.campaign.choices[field] ?? {};
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return html`<span class="muted">${w.empty}</span>`;
  if (typeof value === 'boolean') return value ? w.on : w.off;
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : named[String(value)] ?? String(value);
  return html`<ul>${value.map(one => html`<li>${named[one] ?? line(one)}</li>`)}</ul>`;
}

/** @param {any} one an item of a list: a text, a path, hours, a date */
function line(one) {
  if (Array.isArray(one)) return one.join(' › ');
  if (typeof one !== 'object') return String(one);
  const days = /** @type {Record<string, string>} */ (words.value.campaign.days);
  const hours = (/** @type {any} */ h) => `${h.start}–${h.end}`;
  if (one.date) return [one.date, one.name, one.ranges?.length ? one.ranges.map(hours).join(', ') : words.value.campaign.hours.closed].filter(Boolean).join(' · ');
  return one.day ? `${days[one.day] ?? one.day} ${hours(one)}` : JSON.stringify(one);
}
