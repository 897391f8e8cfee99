// The last hour of a campaign, five minutes a step: who arrived, who was answered, who was lost.

/** @import { FloorCard } from '../types.js' */

import { html } from '../vendor/preact.js';
import { instant, timeOfDay } from '../lib/clock.js';
import { words } from '../lib/words.js';

const STEPS = 12;
const STEP = 300_000;
const HEIGHT = 44;
const WIDTH = 24;
const BAR = 6;

/** @param {{ card: FloorCard }} props */
export function HourChart({ card }) {
  const w = words.value.floor.chart;
  const last = Math.floor(instant() / STEP) * STEP;
  const points = new Map(card.hour.map(point => [point.at, point]));
  // The server leaves out the steps in which nothing happened.
  const steps = Array.from({ length: STEPS }, (_, i) => last - (STEPS - 1 - i) * STEP);
  const seen = steps.map(at => points.get(at) ?? { at, offered: 0, answered: 0, lost: 0, refused: 0 });
  const sum = (/** @type {(p: typeof seen[number]) => number} */ of) => seen.reduce((total, point) => total + of(point), 0);
  const most = Math.max(1, ...seen.map(p => Math.max(p.offered, p.answered, p.lost + p.refused)));
  const bar = (/** @type {number} */ i, /** @type {number} */ place, /** @type {number} */ n, /** @type {string} */ kind) => {
    const height = Math.round((n / most) * HEIGHT);
    return n > 0 && html`<rect class=${kind} x=${i * WIDTH + 2 + place * (BAR + 1)} y=${HEIGHT - height} width=${BAR} height=${height} rx="1" />`;
  };
  return html`<div><h3>${w.title}</h3>
    <svg class="chart" viewBox="0 0 ${STEPS * WIDTH} ${HEIGHT + 12}" role="img" aria-label=${w.summary(sum(p => p.offered), sum(p => p.answered), sum(p => p.lost + p.refused))}>
      <line x1="0" x2=${STEPS * WIDTH} y1=${HEIGHT + 0.5} y2=${HEIGHT + 0.5} />
      ${seen.map((p, i) => [bar(i, 0, p.offered, 'offered'), bar(i, 1, p.answered, 'answered'), bar(i, 2, p.lost + p.refused, 'lost')])}
      <text x="0" y=${HEIGHT + 10}>${timeOfDay(steps[0])}</text><text x=${STEPS * WIDTH} y=${HEIGHT + 10} text-anchor="end">${timeOfDay(last + STEP)}</text>
    </svg>
    <p class="legend small"><span class="offered">${w.offered} ${sum(p => p.offered)}</span><span class="answered">${w.answered} ${sum(p => p.answered)}</span><span class="lost">${w.lost} ${sum(p => p.lost + p.refused)}</span></p></div>`;
}
