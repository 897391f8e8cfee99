// Light, dark, or as the system says.

import { effect, signal } from '../vendor/preact.js';
import { preference, setPreference } from './storage.js';

/** @typedef {'system' | 'light' | 'dark'} Theme */
/** @type {readonly Theme[]} */
export const THEMES = ['system', 'light', 'dark'];

const chosen = preference('theme', 'system');
export const theme = signal(/** @type {Theme} */ (THEMES.includes(/** @type {Theme} */ (chosen)) ? chosen : 'system'));
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const dark = signal(systemDark.matches);
systemDark.addEventListener('change', event => {
  dark.value = event.matches;
});

/** @param {Theme} next */
export function setTheme(next) {
  theme.value = next;
  setPreference('theme', next);
}

effect(() => {
  const on = theme.value === 'dark' || (theme.value === 'system' && dark.value);
  document.documentElement.dataset.theme = on ? 'dark' : 'light';
});
