// The week as half hours that are painted open or closed, with the mouse, a finger or the keyboard.

/** @import { Range } from '../types.js' */

import { html, useRef, useState } from '../vendor/preact.js';
import { announce } from '../lib/alerts.js';
import { words } from '../lib/words.js';
import { DAY, DAYS, clock, covered, painted } from './week.js';

const STEP = 30;
const SLOTS = DAY / STEP;

/** @typedef {{ day: number, slot: number }} Cell */
/** @typedef {{ anchor: Cell, end: Cell }} Block two of its corners */

/** @param {Block} block */
const span = ({ anchor, end }) => ({
  days: [Math.min(anchor.day, end.day), Math.max(anchor.day, end.day)], slots: [Math.min(anchor.slot, end.slot), Math.max(anchor.slot, end.slot)],
});

/** @param {{ ranges: Range[], set: (next: Range[]) => void }} props */
export function WeekGrid({ ranges, set }) {
  const w = words.value.campaign;
  const [block, setBlock] = useState(/** @type {Block} */ ({ anchor: { day: 0, slot: 18 }, end: { day: 0, slot: 18 } }));
  const [pulling, setPulling] = useState(false);
  const moving = useRef(false);
  const grid = useRef(/** @type {HTMLElement | null} */ (null));
  const parts = covered(ranges);
  const share = (/** @type {number} */ day, /** @type {number} */ slot) =>
    parts.filter(part => part.day === day).reduce((sum, part) => sum + Math.max(0, Math.min(part.to, (slot + 1) * STEP) - Math.max(part.from, slot * STEP)), 0) / STEP;
  const isOpen = (/** @type {Cell} */ cell) => share(cell.day, cell.slot) >= 1;
  const { days, slots } = span(block);
  const many = days[0] !== days[1] || slots[0] !== slots[1];
  const paint = (/** @type {Block} */ what) => {
    const open = !isOpen(what.anchor);
    const { days: [first, last], slots: [from, to] } = span(what);
    let next = ranges;
    for (let day = first; day <= last; day++) next = painted(next, { day, from: from * STEP, to: (to + 1) * STEP }, open);
    set(next);
    const which = first === last ? w.days[DAYS[first]] : `${w.days[DAYS[first]]} – ${w.days[DAYS[last]]}`;
    announce(w.grid.painted(`${which} ${clock(from * STEP)}–${clock((to + 1) * STEP)}`, open));
    setBlock({ anchor: what.end, end: what.end });
  };
  /** @param {Cell} cell @param {boolean} extend */
  const move = (cell, extend) => {
    const end = { day: Math.max(0, Math.min(6, cell.day)), slot: Math.max(0, Math.min(SLOTS - 1, cell.slot)) };
    setBlock(extend ? { anchor: block.anchor, end } : { anchor: end, end });
    moving.current = true;
    grid.current?.querySelector(/** @type {'button'} */ (`[data-cell="${end.day}-${end.slot}"]`))?.focus();
    moving.current = false;
  };
  const onFocus = (/** @type {FocusEvent} */ event) => {
    const [day, slot] = (/** @type {HTMLElement} */ (event.target).getAttribute('data-cell') ?? '').split('-').map(Number);
    if (slot !== undefined && !moving.current && !pulling) setBlock({ anchor: { day, slot }, end: { day, slot } });
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const { day, slot } = block.end;
    const to = { ArrowLeft: { day, slot: slot - 1 }, ArrowRight: { day, slot: slot + 1 }, ArrowUp: { day: day - 1, slot }, ArrowDown: { day: day + 1, slot }, Home: { day, slot: 0 }, End: { day, slot: SLOTS - 1 } }[event.key];
    if (to) move(to, event.shiftKey);
    else if (event.key === ' ' || event.key === 'Enter') paint(block);
    else return;
    event.preventDefault();
  };
  /** @param {PointerEvent} event @returns {Cell | null} */
  const under = event => {
    const [day, slot] = (document.elementFromPoint(event.clientX, event.clientY)?.getAttribute('data-cell') ?? '').split('-').map(Number);
    return slot === undefined ? null : { day, slot };
  };
  const onPointerDown = (/** @type {PointerEvent} */ event) => {
    const cell = event.button === 0 ? under(event) : null;
    if (!cell) return;
    event.preventDefault();
    grid.current?.setPointerCapture(event.pointerId);
    setPulling(true);
    setBlock({ anchor: cell, end: cell });
    grid.current?.querySelector(/** @type {'button'} */ (`[data-cell="${cell.day}-${cell.slot}"]`))?.focus({ preventScroll: true });
  };
  const onPointerMove = (/** @type {PointerEvent} */ event) => {
    const cell = pulling ? under(event) : null;
    if (cell && (cell.day !== block.end.day || cell.slot !== block.end.slot)) setBlock({ anchor: block.anchor, end: cell });
  };
  const onPointerUp = () => {
    if (!pulling) return;
    setPulling(false);
    paint(block);
  };
  const inBlock = (/** @type {number} */ day, /** @type {number} */ slot) => (pulling || many) && day >= days[0] && day <= days[1] && slot >= slots[0] && slot <= slots[1];
  return html`<div class="week-grid"><p class="hint" id="week-grid-how">${w.grid.how}</p>
    <div class="week-frame" ref=${grid} role="grid" aria-label=${w.grid.title} aria-describedby="week-grid-how" aria-multiselectable="true" onKeyDown=${onKeyDown} onFocusIn=${onFocus}
      onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${onPointerUp} onPointerCancel=${() => setPulling(false)}>
      <div class="hours-line" aria-hidden="true">${Array.from({ length: 9 }, (_, i) => html`<span>${clock(i * 180)}</span>`)}</div>
      ${DAYS.map((name, day) => html`<div role="row" class="week-row"><span role="rowheader">${w.days[name]}</span>
        ${Array.from({ length: SLOTS }, (_, slot) => {
          const open = share(day, slot);
          return html`<div role="gridcell" class="slot ${open >= 1 ? 'open' : open > 0 ? 'partly' : ''} ${inBlock(day, slot) ? 'picked' : ''}" data-cell="${day}-${slot}" tabindex=${block.end.day === day && block.end.slot === slot ? 0 : -1} aria-selected=${inBlock(day, slot) || undefined}
            aria-label="${w.days[name]} ${clock(slot * STEP)}, ${open >= 1 ? w.grid.open : open > 0 ? w.grid.partly : w.grid.shut}"></div>`;
        })}</div>`)}
    </div></div>`;
}
