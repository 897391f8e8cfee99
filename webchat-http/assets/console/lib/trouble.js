// Why the server carries nothing out, asked of its readiness probe once something failed and until it is well again.

import { signal } from '../vendor/preact.js';

const AGAIN = 3000;

/** The probe's word, such as `disk_full`; null while all is well or nobody answers. */
export const trouble = signal(/** @type {string | null} */ (null));

/** @type {number | undefined} */
let timer;

/** Looks now, and again every few seconds while there is trouble. */
export async function lookForTrouble() {
  clearTimeout(timer);
  try {
    const response = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    const answer = await response.json();
    trouble.value = answer.ready ? null : String(answer.why);
  } catch {
    trouble.value = null;
  }
  if (trouble.value) timer = setTimeout(lookForTrouble, AGAIN * (1 + Math.random()));
}
