// The server's time as this page knows it, ticking once a second, and the ways times are written.

import { computed, signal } from '../vendor/preact.js';
import { language } from './words.js';

let ahead = 0;

/** Milliseconds of the server's clock; everything that counts down or up on screen reads this. */
export const now = signal(Date.now());

/** @param {number | undefined} at the server's clock, as it said just now */
export function serverSays(at) {
  if (typeof at !== 'number' || !Number.isFinite(at)) return;
  ahead = at - Date.now();
  now.value = at;
}

setInterval(() => {
  now.value = Date.now() + ahead;
}, 1000);

/** @returns {number} the server's time this instant, in milliseconds */
export function instant() {
  return Date.now() + ahead;
}

/**
 * @param {number} from milliseconds
 * @param {number} to milliseconds
 * @returns {number} whole seconds between, never negative
 */
export function secondsBetween(from, to) {
  return Math.max(0, Math.floor((to - from) / 1000));
}

/**
 * @param {number} seconds
 * @returns {string} `0:07`, `12:30` or `1:02:03`
 */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

const hour = computed(() => new Intl.DateTimeFormat(language.value, { hour: '2-digit', minute: '2-digit', hour12: false }));
const full = computed(() => new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'medium' }));
// The first one a page makes takes long: in a task of its own, before something waits for it.
setTimeout(() => hour.value.format(0));

/** @param {number} at */
export const timeOfDay = at => hour.value.format(at);
/** @param {number} at */
export const fullTime = at => full.value.format(at);
