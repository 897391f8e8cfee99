// What an agent has typed and not yet seen stored, kept per chat while the tab lives, so that neither a lost
// connection nor a reload loses a word.

/** @import { Pending } from '../types.js' */

import { keep, kept } from '../lib/storage.js';

/** @typedef {{ reply: string, note: string, mode: 'reply' | 'note' }} Draft */

/** @param {string} chat @returns {Draft} */
export function draftOf(chat) {
  return { reply: '', note: '', mode: 'reply', ...kept(`draft.${chat}`, {}) };
}

/** @param {string} chat @param {Draft} draft */
export function keepDraft(chat, draft) {
  keep(`draft.${chat}`, draft.reply || draft.note || draft.mode === 'note' ? draft : null);
}

/** @param {string} chat @returns {Pending[]} */
export const unsentOf = chat => kept(`unsent.${chat}`, []);
/** @param {string} chat @param {Pending[]} pending */
export const keepUnsent = (chat, pending) => keep(`unsent.${chat}`, pending.length ? pending : null);

/** @param {string} chat @returns {number} the highest message number this agent has read */
export const readOf = chat => kept(`read.${chat}`, 0);
/** @param {string} chat @param {number} number */
export const keepRead = (chat, number) => keep(`read.${chat}`, number || null);

/** @param {string} chat */
export function forget(chat) {
  keep(`draft.${chat}`, null);
  keep(`unsent.${chat}`, null);
  keep(`read.${chat}`, null);
}
