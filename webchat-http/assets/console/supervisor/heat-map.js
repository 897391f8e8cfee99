// How busy each hour of each day was: a table whose cells are the darker the higher their figure.

/** @import { HourFigures } from '../types.js' */

import { html, useId, useSignal } from '../vendor/preact.js';
import { language, words } from '../lib/words.js';

/** Longer intervals are shown by day of the week. */
const DAYS = 35;
/** Shades from nothing to the highest figure. */
const SHADES = 5;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** @typedef {{ offered: number, answered: number, in_time: number, lost: number, refused: number }} Sum */

/** @type {Record<string, (sum: Sum) => number | null>} */
const MEASURES = {
  offered: sum => sum.offered,
  answered: sum => sum.answered,
  lost: sum => sum.lost,
  refused: sum => sum.refused,
  service_level: sum => (sum.answered > 0 ? Math.floor((sum.in_time * 100) / sum.answered) : null),
};

/** @param {{ hours: HourFigures[], from: string, to: string }} props */
export function HeatMap({ hours, from, to }) {
  const w = words.value.reports;
  const measure = useSignal('offered');
  const id = useId();
  const names = { offered: w.columns.offered, answered: w.columns.answered, lost: w.lost, refused: w.columns.refused, service_level: w.columns.service_level };
  const days = daysOf(from, to);
  const weekly = days.length > DAYS;
  const rows = weekly ? ['1', '2', '3', '4', '5', '6', '0'] : days;
  /** @type {Map<string, Sum>} */
  const sums = new Map();
  for (const hour of hours) {
    const row = weekly ? String(noon(hour.day).getUTCDay()) : hour.day;
    const key = `${row} ${hour.hour}`;
    const sum = sums.get(key) ?? { offered: 0, answered: 0, in_time: 0, lost: 0, refused: 0 };
    sum.offered += hour.offered;
    sum.answered += hour.answered;
    sum.in_time += hour.answered_in_time;
    sum.lost += hour.abandoned + hour.short_abandoned + hour.timed_out + hour.closed;
    sum.refused += Object.values(hour.refused).reduce((total, count) => total + count, 0);
    sums.set(key, sum);
  }
  if (hours.length === 0 || rows.length === 0) return null;
  const of = MEASURES[measure.value];
  const figure = (/** @type {string} */ row, /** @type {number} */ hour) => {
    const sum = sums.get(`${row} ${hour}`);
    return sum ? of(sum) : null;
  };
  const share = measure.value === 'service_level';
  const most = share ? 100 : Math.max(1, ...[...sums.values()].map(sum => of(sum) ?? 0));
  const shade = (/** @type {number} */ n) => (n === 0 ? 0 : Math.max(1, Math.ceil((n / most) * SHADES)));
  const named = (/** @type {string} */ row) => (weekly ? weekday.format(Date.UTC(2026, 1, 1 + Number(row))) : date.format(noon(row)));
  const weekday = new Intl.DateTimeFormat(language.value, { weekday: 'long', timeZone: 'UTC' });
  const date = new Intl.DateTimeFormat(language.value, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  return html`<section class="heat"><div class="heat-head"><h2>${weekly ? w.weekHeat : w.heat}</h2>
      <label class="small" for="${id}-measure">${w.measure}</label><select id="${id}-measure" class="input" value=${measure.value} onChange=${(/** @type {any} */ e) => (measure.value = e.currentTarget.value)}>${Object.entries(names).map(([name, label]) => html`<option value=${name}>${label}</option>`)}</select>
      <p class="shades small muted" aria-hidden="true">${share ? w.worst : w.least}${Array.from({ length: SHADES }, (_, i) => html`<span class=${`heat-${i + 1}`}></span>`)}${share ? w.best : w.most}</p></div>
    <div class="table-frame" tabindex="0" role="region" aria-label=${weekly ? w.weekHeat : w.heat}><table class="heat-table"><thead><tr><th scope="col">${w.day}</th>${HOURS.map(hour => html`<th scope="col" class="figure"><abbr title=${w.hour(hour)}>${hour}</abbr></th>`)}</tr></thead>
      <tbody>${rows.map(row => html`<tr key=${row}><th scope="row">${named(row)}</th>${HOURS.map(hour => {
        const n = figure(row, hour);
        return html`<td class=${`figure heat-${n === null ? 0 : shade(n)}`}>${n ?? ''}</td>`;
      })}</tr>`)}</tbody></table></div></section>`;
}

/** @param {string} day */
const noon = day => new Date(`${day}T12:00Z`);

/** All days from one to another, both included; enough of them to know that they are many. @param {string} from @param {string} to */
function daysOf(from, to) {
  const days = [];
  for (let at = noon(from); days.length <= DAYS && at <= noon(to); at = new Date(at.getTime() + 86_400_000)) days.push(at.toISOString().slice(0, 10));
  return days;
}
