// Opening hours of a week as minutes of days, and painting on them. No page in here.

/** @import { Range } from '../types.js' */

/** @typedef {'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'} DayName */
/** @type {DayName[]} */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const DAY = 24 * 60;

/** @typedef {{ day: number, from: number, to: number }} Stretch within one day, in minutes */

/** @param {string} text @returns {number | null} */
function minutes(text) {
  const found = /^(\d{2}):(\d{2})$/.exec(text);
  const at = found ? Number(found[1]) * 60 + Number(found[2]) : DAY + 1;
  return at <= DAY && Number(found?.[2]) < 60 ? at : null;
}

/** @param {number} at */
export const clock = at => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;

/** The parts of days a range covers; one that ends earlier than it starts ends on the next day. @param {Range} range @returns {Stretch[]} */
function stretches(range) {
  const day = DAYS.indexOf(/** @type {DayName} */ (range.day));
  const from = minutes(range.start);
  const to = minutes(range.end);
  if (day < 0 || from === null || to === null || from === to) return [];
  if (to > from) return [{ day, from, to }];
  return [{ day, from, to: DAY }, { day: (day + 1) % 7, from: 0, to }].filter(part => part.from < part.to);
}

/** @param {Range[]} ranges @returns {Stretch[]} */
export const covered = ranges => ranges.flatMap(stretches);

/**
 * Opens or closes a stretch of one day. Ranges that do not meet it stay as they are written, to the minute.
 * @param {Range[]} ranges
 * @param {Stretch} stretch
 * @param {boolean} open
 * @returns {Range[]}
 */
export function painted(ranges, { day, from, to }, open) {
  const meets = (/** @type {Stretch} */ part) => part.day === day && (open ? part.from <= to && part.to >= from : part.from < to && part.to > from);
  const met = ranges.filter(range => stretches(range).some(meets));
  const parts = covered(met);
  const here = parts.filter(part => part.day === day);
  const left = open
    ? [...here.filter(part => !meets(part)), { day, from: Math.min(from, ...here.filter(meets).map(part => part.from)), to: Math.max(to, ...here.filter(meets).map(part => part.to)) }]
    : here.flatMap(part => [{ day, from: part.from, to: Math.min(part.to, from) }, { day, from: Math.max(part.from, to), to: part.to }].filter(rest => rest.from < rest.to));
  const written = [...parts.filter(part => part.day !== day), ...left].map(part => ({ day: DAYS[part.day], start: clock(part.from), end: clock(part.to) }));
  const order = (/** @type {Range} */ range) => DAYS.indexOf(/** @type {DayName} */ (range.day)) * DAY + (minutes(range.start) ?? 0);
  return [...ranges.filter(range => !met.includes(range)), ...written].sort((a, b) => order(a) - order(b));
}
