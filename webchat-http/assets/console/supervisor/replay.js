// A chat as it went on: its lines come at the pace at which they were written, and a bar shows who had it when.

/** @import { Recording } from '../types.js' */

import { html, useEffect, useId, useMemo, useSignal } from '../vendor/preact.js';
import { timeOfDay } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';

/** Silences are shortened to so many milliseconds. */
const HUSH = 8_000;
/** Milliseconds between two looks at what has been said by now. */
const TICK = 100;
const SPEEDS = [1, 2, 4, 8, 16];

/** @typedef {{ at: number, kind: string, who: string, text: any }} Line */

/** @param {{ lines: Line[] }} props */
export function Replay({ lines }) {
  const w = words.value.reading;
  /** Milliseconds into the replay; null shows all. */
  const place = useSignal(/** @type {number | null} */ (null));
  const playing = useSignal(false);
  const speed = useSignal(4);
  const id = useId();
  const due = useMemo(() => {
    let passed = 0;
    return lines.map((line, i) => (passed += i === 0 ? 0 : Math.min(HUSH, line.at - lines[i - 1].at)));
  }, [lines]);
  const end = due.at(-1) ?? 0;
  useEffect(() => {
    if (!playing.value) return;
    const timer = setInterval(() => {
      const next = (place.peek() ?? 0) + TICK * speed.peek();
      place.value = Math.min(end, next);
      if (next >= end) playing.value = false;
    }, TICK);
    return () => clearInterval(timer);
  }, [playing.value, end]);
  const toggle = () => {
    if (!playing.peek() && (place.peek() === null || place.peek() === end)) place.value = 0;
    playing.value = !playing.peek();
  };
  const now = place.value;
  const shown = now === null ? lines : lines.filter((_, i) => due[i] <= now);
  const last = shown.at(-1) ?? lines[0];
  return html`<div class="replay">
    <div class="replay-bar"><button type="button" class="button" onClick=${toggle}>${playing.value ? w.pause : w.play}</button>
      <input type="range" aria-label=${w.place} aria-valuetext=${w.at(timeOfDay(last.at))} min="0" max=${end} step="1" value=${now ?? end} disabled=${end === 0} onInput=${(/** @type {any} */ e) => (place.value = Number(e.currentTarget.value))} />
      <span class="figure small muted">${timeOfDay(last.at)}</span>
      <label class="small" for="${id}-speed">${w.speed}</label><select id="${id}-speed" class="input" value=${speed.value} onChange=${(/** @type {any} */ e) => (speed.value = Number(e.currentTarget.value))}>${SPEEDS.map(n => html`<option value=${n}>${w.times(n)}</option>`)}</select>
      ${now !== null && html`<button type="button" class="link-button" onClick=${() => {
        playing.value = false;
        place.value = null;
      }}>${w.whole}</button>`}</div>
    ${now !== null && html`<p class="small muted">${w.hushed}</p>`}
    <ol class="past-lines">${shown.map((line, i) => html`<li key=${i} class=${line.kind}><span class="stamp">${timeOfDay(line.at)} · ${line.who}${line.kind === 'note' && html` · <${Icon} name="lock" size=${12} />${words.value.chat.note}`}</span><span class="past-text">${line.text}</span></li>`)}</ol></div>`;
}

/** The whole chat as a bar: grey while it waited, coloured while an agent had it. The list beside it says the same. @param {{ recording: Recording }} props */
export function Course({ recording }) {
  const { requested_at: from, closing, segments } = recording;
  const whole = Math.max(1, closing.at - from);
  const x = (/** @type {number} */ at) => (Math.max(0, at - from) / whole) * 600;
  const agents = [...new Set(segments.map(s => s.agent))];
  return html`<svg class="course" viewBox="0 0 600 ${8 + agents.length * 6}" aria-hidden="true"><rect class="waited" x="0" y="0" width="600" height="3" rx="1.5" />
    ${segments.map(s => html`<rect class=${s.how == null ? 'guest' : 'owner'} x=${x(s.from)} y=${6 + agents.indexOf(s.agent) * 6} width=${Math.max(2, x(s.until ?? closing.at) - x(s.from))} height="4" rx="2" />`)}</svg>`;
}
