// Showing once more who one is, where the server asks for it before something that nobody at a session left open must do.

import { signal } from '../vendor/preact.js';

/** Whoever waits for the person's answer; null while nobody asks. */
export const asked = signal(/** @type {((shown: boolean) => void) | null} */ (null));

let running = /** @type {Promise<boolean> | null} */ (null);

/** @returns {Promise<boolean>} false when the person would rather not; two that ask at once wait for one answer */
export function confirm() {
  running ??= new Promise(resolve => {
    asked.value = resolve;
  }).then(shown => {
    asked.value = null;
    running = null;
    return /** @type {boolean} */ (shown);
  });
  return running;
}
