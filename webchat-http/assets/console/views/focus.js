// Moving the keyboard to a conversation that may not be on screen yet.

import { signal } from '../vendor/preact.js';

/** The chat whose composer takes the keyboard as soon as it is there. */
export const wanted = signal(/** @type {string | null} */ (null));

/** @param {string} chat */
export function focusChat(chat) {
  wanted.value = chat;
}

/**
 * Moves the keyboard to a conversation that is being asked for, which may be there before the answer is.
 * @param {string} chat
 * @param {Promise<boolean>} asked whether it was given
 */
export async function focusWhenGiven(chat, asked) {
  focusChat(chat);
  if (!(await asked) && wanted.peek() === chat) wanted.value = null;
}

/**
 * Moves the keyboard to an element as soon as what was just changed is on the page, and before it is painted:
 * behind a dialog that is being shut nothing takes the focus.
 * @param {string} id
 */
export function focusOn(id) {
  queueMicrotask(() => {
    const element = document.getElementById(id);
    element?.focus();
    element?.scrollIntoView({ block: 'nearest' });
  });
}
