// Moving the keyboard to a conversation that may not be on screen yet.

import { signal } from '../vendor/preact.js';

/** The chat whose composer takes the keyboard as soon as it is there. */
export const wanted = signal(/** @type {string | null} */ (null));

/** @param {string} chat */
export function focusChat(chat) {
  wanted.value = chat;
}

/** @param {string} id of an element, for the skip links */
export function focusOn(id) {
  const element = document.getElementById(id);
  element?.focus();
  element?.scrollIntoView({ block: 'nearest' });
}
