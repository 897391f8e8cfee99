// A running time against its limit: an icon and a word say what the colour says.

import { computed, html, useMemo } from '../vendor/preact.js';
import { now, secondsBetween, span } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { Icon } from './icons.js';

/** The last quarter of the limit is "near". */
const NEAR = 0.75;

/**
 * @param {number} seconds
 * @param {number | null} limit null when there is none
 * @returns {'calm' | 'near' | 'over'}
 */
export function urgency(seconds, limit) {
  if (!limit || seconds < limit * NEAR) return 'calm';
  return seconds <= limit ? 'near' : 'over';
}

/**
 * Of the tick of each second only the figure knows: many of these stand below each other.
 * @param {{ since: number, limit: number | null, kind: 'wait' | 'chat' }} props
 */
export function Elapsed({ since, limit, kind }) {
  const figure = useMemo(() => computed(() => span(secondsBetween(since, now.value))), [since]);
  const level = useMemo(() => computed(() => urgency(secondsBetween(since, now.value), limit)), [since, limit]).value;
  const w = words.value.elapsed;
  const icon = { calm: 'clock', near: 'soon', over: 'late' }[level];
  const meaning = level === 'calm' ? w[kind] : `${w[kind]}, ${w[level](span(limit ?? 0))}`;
  return html`<span class="elapsed ${level}" title=${meaning}>
    <${Icon} name=${icon} size=${14} /><span class="hidden">${meaning}: </span><span class="figure">${figure}</span>
  </span>`;
}

/** @param {{ at: number | null }} props */
export function Countdown({ at }) {
  if (at == null) return null;
  const left = Math.max(0, Math.ceil((at - now.value) / 1000));
  const level = left <= 5 ? 'over' : left <= 10 ? 'near' : 'calm';
  return html`<span class="elapsed ${level}"><${Icon} name=${level === 'calm' ? 'clock' : level === 'near' ? 'soon' : 'late'} size=${14} />
    <span class="hidden">${words.value.offer.left}: </span><span class="figure">${span(left)}</span></span>`;
}
