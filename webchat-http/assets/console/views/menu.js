// A button that opens a small menu: arrows move, Escape and a click elsewhere shut it.

/** @import { Child } from '../vendor/preact.js' */

import { html, useId, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { Icon } from './icons.js';

/** @typedef {import('./icons.js').IconName} IconName */
/**
 * @typedef {object} Item
 * @property {string} label
 * @property {IconName} [icon]
 * @property {boolean} [checked] makes it one of a group, on or off
 * @property {boolean} [several] the group allows several at once
 * @property {string} [group] heading shown before this item when it differs from the one before
 * @property {boolean} [stay] the menu stays open
 * @property {() => void} pick
 */

/**
 * @param {{ label: Child, name: string, items: Item[], class?: string, disabled?: boolean }} props
 */
export function Menu({ label, name, items, class: extra = '', disabled = false }) {
  const [open, setOpen] = useState(false);
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const id = useId();

  useLayoutEffect(() => {
    if (!open) return;
    const entries = rows();
    (entries.find(e => e.getAttribute('aria-checked') === 'true') ?? entries[0])?.focus();
    const elsewhere = (/** @type {Event} */ event) => {
      if (!frame.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('focusin', elsewhere);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('focusin', elsewhere);
    };
  }, [open]);

  const rows = () => /** @type {HTMLElement[]} */ ([...(list.current?.querySelectorAll('[role^=menuitem]') ?? [])]);
  const shut = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const entries = rows();
    const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (event.key === 'Escape') shut();
    else if (event.key === 'Tab') return setOpen(false);
    else if (to === undefined) return;
    else entries[(to + entries.length) % entries.length]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  const pick = (/** @type {Item} */ item) => {
    if (!item.stay) shut();
    item.pick();
  };
  const role = (/** @type {Item} */ item) => (item.checked === undefined ? 'menuitem' : item.several ? 'menuitemcheckbox' : 'menuitemradio');

  return html`<div class="menu" ref=${frame}>
    <button ref=${button} type="button" class="button ${extra}" aria-haspopup="menu" aria-expanded=${open} aria-controls=${open ? id : undefined}
      aria-label=${name} title=${name} disabled=${disabled} onClick=${() => setOpen(!open)}>${label}</button>
    ${open && html`<div ref=${list} id=${id} class="menu-list" role="menu" aria-label=${name} onKeyDown=${onKeyDown}>
      ${items.map((item, i) => html`
        ${item.group && item.group !== items[i - 1]?.group && html`<div class="menu-group" role="presentation">${item.group}</div>`}
        <button type="button" tabindex="-1" class="menu-item" role=${role(item)} aria-checked=${item.checked} onClick=${() => pick(item)}>
          <span class="menu-mark">${item.checked ? html`<${Icon} name="check" />` : item.icon ? html`<${Icon} name=${item.icon} />` : null}</span>${item.label}
        </button>`)}
    </div>`}
  </div>`;
}
