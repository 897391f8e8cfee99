// Small things kept in the browser: preferences for good, drafts and unsent messages while the tab lives.
// A browser that forbids storage only loses the convenience.

/**
 * @template T
 * @param {Storage | null} store
 * @param {string} key
 * @param {T} otherwise
 * @returns {T}
 */
function load(store, key, otherwise) {
  try {
    const text = store?.getItem(key);
    return text == null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/**
 * @param {Storage | null} store
 * @param {string} key
 * @param {unknown} value null removes it
 */
function save(store, key, value) {
  try {
    if (value == null) store?.removeItem(key);
    else store?.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works on without it.
  }
}

/** @param {() => Storage} open */
function reach(open) {
  try {
    return open();
  } catch {
    return null;
  }
}

const lasting = reach(() => localStorage);
const tab = reach(() => sessionStorage);
const PREFIX = 'webchat.console.';

/**
 * @template T
 * @param {string} key
 * @param {T} otherwise
 * @returns {T}
 */
export const preference = (key, otherwise) => load(lasting, PREFIX + key, otherwise);
/** @param {string} key @param {unknown} value */
export const setPreference = (key, value) => save(lasting, PREFIX + key, value);

/**
 * @template T
 * @param {string} key
 * @param {T} otherwise
 * @returns {T}
 */
export const kept = (key, otherwise) => load(tab, PREFIX + key, otherwise);
/** @param {string} key @param {unknown} value null removes it */
export const keep = (key, value) => save(tab, PREFIX + key, value);

/** Forgets drafts and unsent messages: the person signed out. */
export function forgetTab() {
  if (!tab) return;
  for (const key of Object.keys(tab)) {
    if (key.startsWith(PREFIX)) tab.removeItem(key);
  }
}
