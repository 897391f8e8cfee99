// The one dialog frame: the browser's own modal dialog, so that focus stays inside, Escape leaves and focus comes back.

/** @import { Child } from '../vendor/preact.js' */

import { html, signal, useId, useLayoutEffect, useRef } from '../vendor/preact.js';
import { words } from '../lib/words.js';
import { Icon } from './icons.js';

/** @typedef {{ kind: 'close' | 'transfer' | 'invite' | 'quality', chat: string } | { kind: 'earlier', chat: string, earlier: import('../types.js').EarlierChat } | { kind: 'palette' } | { kind: 'sign_out' | 'sessions' } | { kind: 'pause' }} Open */

/** The dialog on screen, or null. */
export const dialog = signal(/** @type {Open | null} */ (null));

export const shutDialog = () => {
  dialog.value = null;
};

/** What had the keyboard before the first of the dialogs that follow each other. @type {Element | null} */
let opener = null;

/** Once all is drawn without the dialog: unless something has asked for the keyboard, it goes back to where it was. */
function giveBack() {
  if (document.querySelector('dialog[open]')) return;
  if (opener instanceof HTMLElement && opener.isConnected && document.activeElement === document.body) opener.focus();
  opener = null;
}

/**
 * @param {{ title: string, onClose?: () => void, wide?: boolean, children?: Child, class?: string, bare?: boolean }} props
 */
export function Dialog({ title, onClose = shutDialog, wide = false, bare = false, children, class: extra = '' }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const heading = useId();
  useLayoutEffect(() => {
    if (document.activeElement !== document.body) opener = document.activeElement;
    box.current?.showModal();
    return () => queueMicrotask(giveBack);
  }, []);
  const outside = (/** @type {MouseEvent} */ event) => {
    if (event.target === box.current) onClose();
  };
  // Left to itself the browser shuts the dialog first and tells later: a key pressed between would meet one that is neither open nor shut.
  const leave = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${box} class="dialog ${wide ? 'wide' : ''} ${extra}" aria-labelledby=${heading} onClose=${onClose} onKeyDown=${leave} onMouseDown=${outside}>
    <div class="dialog-body">
      <header class=${bare ? 'hidden' : 'dialog-head'}>
        <h2 id=${heading}>${title}</h2>
        ${!bare && html`<button type="button" class="icon-button" aria-label=${words.value.common.close} onClick=${onClose}><${Icon} name="close" /></button>`}
      </header>
      ${children}
    </div>
  </dialog>`;
}
