// Reports: what became of chats and what agents did in any interval, as tables, by the hour, and to take along.

/** @import { AgentFigures, CampaignFigures, Report, Share, Spans } from '../types.js' */

import { computed, html, useEffect, useId, useSignal } from '../vendor/preact.js';
import { span } from '../lib/clock.js';
import { codeOf } from '../lib/refusal.js';
import { call } from '../lib/rest.js';
import { language, words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { agentName, campaignName, cards } from './floor.js';
import { HeatMap } from './heat-map.js';

// Asking for zones takes long, so it is done when they are looked for.
const here = computed(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
/** Every zone there is, this one first. */
const zones = computed(() => [...new Set([here.value, 'UTC', ...Intl.supportedValuesOf('timeZone')])]);

/** The civil day in a zone, as `2026-03-29`. @param {string} zone @param {number} at */
const dayIn = (zone, at) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

/** A civil day so many days later. @param {string} day @param {number} days */
function shifted(day, days) {
  const at = new Date(`${day}T00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** @type {Record<string, (today: string) => [string, string]>} */
const PRESETS = {
  today: today => [today, today],
  yesterday: today => [shifted(today, -1), shifted(today, -1)],
  week: today => [shifted(today, -6), today],
  month: today => [`${today.slice(0, 7)}-01`, today],
  before: today => {
    const last = shifted(`${today.slice(0, 7)}-01`, -1);
    return [`${last.slice(0, 7)}-01`, last];
  },
};

export function Reports() {
  const w = words.value.reports;
  const today = dayIn(here.value, Date.now());
  const wish = useSignal({ from: shifted(today, -6), to: today, zone: here.value, campaign: '' });
  const by = useSignal(/** @type {'campaigns' | 'agents'} */ ('campaigns'));
  const report = useSignal(/** @type {Report | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const asked = useSignal('');
  const id = useId();
  const load = async () => {
    const { from, to, zone, campaign } = wish.peek();
    if (!from || !to) return;
    // The server takes the first instant after the interval, the page the last day in it.
    const query = new URLSearchParams({ from, to: shifted(to, 1), zone, ...(campaign && { campaign }) }).toString();
    asked.value = query;
    try {
      const answer = await call('GET', `/reports?${query}`);
      if (asked.peek() !== query) return;
      report.value = answer;
      failed.value = null;
    } catch (error) {
      if (asked.peek() === query) failed.value = codeOf(error);
    }
  };
  useEffect(() => void load(), [wish.value]);
  const set = (/** @type {Partial<typeof wish.value>} */ change) => (wish.value = { ...wish.value, ...change });
  const day = (/** @type {'from' | 'to'} */ name) => html`<div class="field"><label for="${id}-${name}">${w[name]}</label>
    <input id="${id}-${name}" class="input" type="date" required value=${wish.value[name]} onChange=${(/** @type {any} */ e) => set({ [name]: e.currentTarget.value })} /></div>`;
  const found = report.value;
  return html`<div class="floor-body reports"><h1 class="hidden">${w.title}</h1>
    <form class="finder" onSubmit=${(/** @type {Event} */ e) => (e.preventDefault(), void load())}>
      ${day('from')}${day('to')}
      <div class="field"><label for="${id}-zone">${w.zone}</label><select id="${id}-zone" class="input" value=${wish.value.zone} onChange=${(/** @type {any} */ e) => set({ zone: e.currentTarget.value })}>${zones.value.map(zone => html`<option value=${zone}>${zone.replaceAll('_', ' ')}</option>`)}</select></div>
      <div class="field"><label for="${id}-campaign">${w.campaign}</label><select id="${id}-campaign" class="input" value=${wish.value.campaign} onChange=${(/** @type {any} */ e) => set({ campaign: e.currentTarget.value })}><option value="">${w.all}</option>${[...cards.value.keys()].map(campaign => html`<option value=${campaign}>${campaignName(campaign)}</option>`)}</select></div>
      <p class="presets">${Object.entries(PRESETS).map(([name, days]) => html`<button type="button" class="button" onClick=${() => {
        const [from, to] = days(dayIn(wish.peek().zone, Date.now()));
        set({ from, to });
      }}>${w.presets[/** @type {keyof typeof w.presets} */ (name)]}</button>`)}</p>
    </form>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${found === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : html`
      <div class="report-head"><div class="segments" role="group" aria-label=${w.view}>${/** @type {const} */ (['campaigns', 'agents']).map(table => html`<button type="button" aria-pressed=${by.value === table} onClick=${() => (by.value = table)}>${table === 'campaigns' ? w.byCampaign : w.byAgent}</button>`)}</div>
        <p class="muted small" role="status">${w.interval(when(found.from, found.zone), when(found.to, found.zone), found.zone.replaceAll('_', ' '))}</p>
        <a class="button" href=${`/api/v1/reports?${asked.value}&csv=${by.value}`} download>${w.csv}</a></div>
      ${by.value === 'campaigns' ? html`<${CampaignTable} report=${found} />` : html`<${AgentTable} report=${found} />`}
      <${HeatMap} hours=${found.hours} from=${wish.value.from} to=${wish.value.to} />
      ${found.hours.length > 0 && html`<p class="row-actions"><a class="button" href=${`/api/v1/reports?${asked.value}&csv=hours`} download>${w.hoursCsv}</a></p>`}`}
  </div>`;
}

/** @param {number} at @param {string} zone */
const when = (at, zone) => new Intl.DateTimeFormat(language.value, { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' }).format(at);

/** @param {{ share: Share | null }} props */
function Percent({ share }) {
  const w = words.value.reports;
  if (!share) return html`<span class="muted">${w.noData}</span>`;
  return html`<span title=${w.share(share.part, share.of)}>${Math.floor((share.part * 100) / share.of)} %</span>`;
}

/** @param {Spans} spans */
const mean = spans => (spans.mean === null ? html`<span class="muted">${words.value.reports.noData}</span>` : span(Math.round(spans.mean / 1000)));

/** @param {number | null} figure @param {string} unit @param {number} count */
const average = (figure, unit, count) => (figure === null ? html`<span class="muted">${words.value.reports.noData}</span>` : html`${figure.toLocaleString(language.value)}${unit} <span class="muted small">×${count}</span>`);

/** @param {CampaignFigures | AgentFigures} row */
const said = row => [average(row.feedback.mean, '', row.feedback.count), average(row.quality_by_agent.percent, ' %', row.quality_by_agent.count), average(row.quality_by_others.percent, ' %', row.quality_by_others.count)];

/** @param {{ columns: string[], rows: { key: string | number, name: string, total?: boolean, cells: unknown[] }[] }} props */
function Figures({ columns, rows }) {
  const w = words.value.reports;
  const name = (/** @type {string} */ column) => w.columns[/** @type {keyof typeof w.columns} */ (column)];
  if (rows.length === 0) return html`<p class="muted" role="status">${w.none}</p>`;
  return html`<div class="table-frame" tabindex="0" role="region" aria-label=${w.title}><table class="table report-table"><thead><tr><th scope="col">${w.columns.name}</th>${columns.map(column => html`<th scope="col" class="figure">${name(column)}</th>`)}</tr></thead>
    <tbody>${rows.map(row => html`<tr key=${row.key} class=${row.total ? 'total' : ''}><th scope="row">${row.name}</th>${row.cells.map(cell => html`<td class="figure">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** @param {{ report: Report }} props */
function CampaignTable({ report }) {
  const w = words.value.reports;
  const columns = ['offered', 'answered', 'abandoned', 'short_abandoned', 'timed_out', 'closed', 'flowed_out', 'waiting', 'refused', 'service_level', 'service_level_with_abandoned', 'service_level_strict', 'speed_of_answer', 'first_response', 'handle_time', 'feedback', 'quality_by_agent', 'quality_by_others'];
  const refused = (/** @type {Record<string, number>} */ reasons) => {
    const each = Object.entries(reasons);
    const sum = each.reduce((total, [, count]) => total + count, 0);
    return html`${sum}${each.map(([reason, count]) => html`<span class="muted small reason">${count} × ${w.reasons[/** @type {keyof typeof w.reasons} */ (reason)] ?? reason}</span>`)}`;
  };
  const cells = (/** @type {CampaignFigures} */ row) => [row.offered, row.answered, row.abandoned, row.short_abandoned, row.timed_out, row.closed, row.flowed_out, row.waiting, refused(row.refused),
    ...[row.service_level, row.service_level_with_abandoned, row.service_level_strict].map(share => html`<${Percent} share=${share} />`), mean(row.speed_of_answer), mean(row.first_response), mean(row.handle_time), ...said(row)];
  const rows = report.campaigns.map(row => ({ key: row.campaign ?? '', name: row.name ?? w.gone(row.campaign ?? 0), cells: cells(row) }));
  const total = rows.length > 1 ? [{ key: 'total', name: w.total, total: true, cells: cells(report.total) }] : [];
  return html`<${Figures} columns=${columns} rows=${[...rows, ...total]} />`;
}

/** @param {{ report: Report }} props */
function AgentTable({ report }) {
  const columns = ['answered', 'service_level', 'speed_of_answer', 'first_response', 'handle_time', 'signed_in', 'busy', 'away', 'occupancy', 'concurrency', 'offers', 'offers_lapsed', 'offers_refused', 'feedback', 'quality_by_agent', 'quality_by_others'];
  const spent = (/** @type {number} */ millis) => span(Math.round(millis / 1000));
  const rows = report.agents.map(row => ({
    key: row.agent, name: row.name ?? agentName(row.agent),
    cells: [row.answered, html`<${Percent} share=${row.service_level} />`, mean(row.speed_of_answer), mean(row.first_response), mean(row.handle_time), spent(row.signed_in), spent(row.busy), spent(row.away), html`<${Percent} share=${row.occupancy} />`,
      row.concurrency ? (row.concurrency.part / row.concurrency.of).toLocaleString(language.value, { maximumFractionDigits: 2 }) : html`<span class="muted">${words.value.reports.noData}</span>`, row.offers, row.offers_lapsed, row.offers_refused, ...said(row)],
  }));
  return html`<${Figures} columns=${columns} rows=${rows} />`;
}
