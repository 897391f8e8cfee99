// The language of the console and its words. `en` is the pattern; the checker sees that the others have every entry.

import { computed, effect, signal } from '../vendor/preact.js';
import { preference, setPreference } from './storage.js';
import { en } from '../words/en.js';
import { es } from '../words/es.js';
import { pt } from '../words/pt.js';

/** @typedef {'en' | 'es' | 'pt'} Language */

const tables = { en, es, pt };

/** @type {readonly Language[]} */
export const LANGUAGES = ['es', 'en', 'pt'];

/** @param {unknown} tag @returns {tag is Language} */
const known = tag => tag === 'en' || tag === 'es' || tag === 'pt';

/** @returns {Language} */
function first() {
  const chosen = preference('language', '');
  if (known(chosen)) return chosen;
  for (const tag of navigator.languages ?? []) {
    const primary = tag.toLowerCase().split('-')[0];
    if (known(primary)) return primary;
  }
  return 'en';
}

/** The language on screen. */
export const language = signal(first());

/** The words on screen. */
export const words = computed(() => tables[language.value]);

/** @param {Language} tag */
export const nameOf = tag => tables[tag].language;

/** @param {Language} tag */
export function speak(tag) {
  language.value = tag;
  setPreference('language', tag);
}

effect(() => {
  document.documentElement.lang = language.value;
});
