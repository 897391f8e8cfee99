// An end to waiting for what another program does.

/** As long as a page is waited for, in milliseconds. */
const LIMIT = 30_000;

/**
 * What `promise` resolves to, or an error that names what was awaited in vain.
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what
 * @returns {Promise<T>}
 */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`waited ${LIMIT / 1000} s in vain for ${what}`)), LIMIT)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
