// Canned responses while a reply is written: `/` and a few letters find one, Enter puts it in the reply's place.

/** @import { Chat } from '../desk/chat.js' */
/** @import { CannedReady } from '../types.js' */

import { html, useEffect, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { LANGUAGES, words } from '../lib/words.js';
import { campaigns, link } from '../desk/desk.js';

const SHOWN = 50;

/** What follows the `/` when a reply asks for a canned response, else null. @param {string} reply */
export const sought = reply => /^\/([^\n]*)$/.exec(reply)?.[1] ?? null;

/** @param {string} text @returns {string} without case and accents */
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/**
 * The canned responses that a reply asks for, and the keys that choose one.
 * @param {Chat} chat
 * @param {string | null} query null while none is asked for
 * @param {(text: string, unknown: string[]) => void} put
 */
export function useCanned(chat, query, put) {
  const list = useSignal(/** @type {CannedReady[] | null} */ (null));
  const language = useSignal(/** @type {string | null} */ (null));
  const at = useSignal(0);
  const shut = useSignal(false);
  /** Enter was pressed before the list was there. */
  const hurried = useRef(false);
  const asked = query !== null && !shut.value;
  // What a supervisor changed comes as a push of the campaigns.
  const settings = campaigns.value;
  useLayoutEffect(() => {
    if (query === null) shut.value = false;
  }, [query === null]);
  useLayoutEffect(() => {
    at.value = 0;
  }, [query]);
  useEffect(() => {
    if (!asked) return;
    let stale = false;
    link.ask('canned', { chat: chat.id, ...(language.value ? { language: language.value } : {}) }).then(answer => {
      if (!stale) list.value = answer.responses;
    }, () => {
      hurried.current = false;
      // Without a connection the reply is written by hand.
    });
    return () => {
      stale = true;
    };
  }, [chat.id, asked, language.value, settings]);
  const needles = plain(query ?? '').split(/\s+/).filter(Boolean);
  const fits = (/** @type {CannedReady} */ r) => needles.every(n => plain(`${r.shortcut} ${r.text}`).includes(n));
  // A shortcut that begins as typed is what is meant most often.
  const rank = (/** @type {CannedReady} */ r) => (needles[0] && plain(r.shortcut).startsWith(needles[0]) ? 0 : 1);
  const shown = asked && list.value ? list.value.filter(fits).sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN) : [];
  const active = Math.min(at.value, shown.length - 1);
  const take = (/** @type {CannedReady | undefined} */ response) => response && put(response.text, response.unknown);
  const turn = (/** @type {number} */ by) => {
    const tongue = language.value ?? list.value?.find(r => LANGUAGES.some(l => l === r.language))?.language ?? LANGUAGES[0];
    language.value = LANGUAGES[(LANGUAGES.findIndex(l => l === tongue) + by + LANGUAGES.length) % LANGUAGES.length];
  };
  useLayoutEffect(() => {
    if (hurried.current && list.value) take(shown[0]);
    hurried.current = false;
  }, [list.value, query]);
  /** @param {KeyboardEvent} event @returns {boolean} whether it was one of the list's keys */
  const onKey = event => {
    if (asked && !list.value && link.online && event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      hurried.current = true;
      event.preventDefault();
      return true;
    }
    if (!asked || !list.value || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === 'ArrowDown') at.value = (active + 1) % Math.max(1, shown.length);
    else if (event.key === 'ArrowUp') at.value = (active - 1 + shown.length) % Math.max(1, shown.length);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') turn(event.key === 'ArrowRight' ? 1 : -1);
    else if (event.key === 'Escape') shut.value = true;
    else if (event.key === 'Enter' && !event.shiftKey && shown.length > 0) take(shown[active]);
    else return false;
    event.preventDefault();
    return true;
  };
  return { open: asked && list.value !== null, shown, active, language, take, onKey };
}

/** @param {{ id: string, canned: ReturnType<typeof useCanned> }} props */
export function CannedList({ id, canned }) {
  const w = words.value.canned;
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const { shown, active, language, take } = canned;
  useLayoutEffect(() => {
    box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active, shown.length]);
  // The textarea keeps the focus: pressing the mouse here must not take it.
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  return html`<div class="canned" onMouseDown=${stay}>
    <div ref=${box} id=${id} class="canned-list" role="listbox" aria-label=${w.label} tabindex="-1">
      ${shown.map((r, i) => html`<div key=${r.shortcut} id=${`${id}-${i}`} class="canned-item" role="option" aria-selected=${i === active} lang=${r.language} onClick=${() => take(r)}>
        <span class="canned-name">/${r.shortcut}</span><span class="clip">${r.text}</span><span class="tag">${r.language.toUpperCase()}</span></div>`)}
      ${shown.length === 0 && html`<p class="rail-empty">${w.nothing}</p>`}
    </div>
    <footer class="palette-foot muted"><span><kbd>↑</kbd><kbd>↓</kbd> ${words.value.palette.move}</span><span><kbd>Enter</kbd> ${w.take}</span><span><kbd>←</kbd><kbd>→</kbd> ${w.language}</span>
      <span class="segments tiny push-right">${LANGUAGES.map(tag => html`<button type="button" tabindex="-1" aria-pressed=${language.value === tag} onClick=${() => (language.value = tag)}>${tag.toUpperCase()}</button>`)}</span></footer>
  </div>`;
}
