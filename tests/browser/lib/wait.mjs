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

/**
 * The next push of this name to a client of `client/` that `fits`.
 * @param {{ on(name: string, handler: (what: any) => void): () => void }} client
 * @param {string} name
 * @param {(what: any) => boolean} [fits]
 * @returns {Promise<any>}
 */
export function push(client, name, fits = () => true) {
  const heard = new Promise((yes) => {
    const stop = client.on(name, (what) => {
      if (!fits(what)) return;
      stop();
      yes(what);
    });
  });
  return within(heard, name);
}
