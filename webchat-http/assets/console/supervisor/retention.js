// How long each campaign keeps its recordings, and when the next ones are erased.

import { html, useSignal } from '../vendor/preact.js';
import { fullTime } from '../lib/clock.js';
import { call } from '../lib/rest.js';
import { words } from '../lib/words.js';

/** @typedef {{ campaign: number, settings: { name: string, retention_days: number }, next_retention: number | null }} Keeping */

export function Retention() {
  const w = words.value.reading;
  const campaigns = useSignal(/** @type {Keeping[]} */ ([]));
  const look = async (/** @type {any} */ event) => {
    if (!event.currentTarget.open) return;
    campaigns.value = await call('GET', '/campaigns').catch(() => []);
  };
  return html`<details class="retention" onToggle=${look}><summary>${w.retention}</summary>
    <div class="table-frame"><table class="table"><thead><tr><th scope="col">${words.value.recordings.campaign}</th><th scope="col">${w.keeps}</th><th scope="col">${w.next}</th></tr></thead>
      <tbody>${campaigns.value.map(({ campaign, settings, next_retention: next }) => html`<tr key=${campaign}><th scope="row">${settings.name}</th><td>${settings.retention_days > 0 ? w.days(settings.retention_days) : w.forever}</td><td>${next === null ? w.nothing : html`<time dateTime=${new Date(next).toISOString()}>${fullTime(next)}</time>`}</td></tr>`)}</tbody></table></div></details>`;
}
