// Taking recordings along: the server streams them, the page counts how many have come.

import { html, useEffect, useId, useRef, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { codeOf, Refusal } from '../lib/refusal.js';
import { call } from '../lib/rest.js';
import { language, words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Icon } from '../views/icons.js';

/** Ends each chat of an export, and is nowhere else in it. */
const END = 13;

/** @param {{ query: URLSearchParams, onClose: () => void }} props */
export function Exporting({ query, onClose }) {
  const w = words.value.reading;
  const fits = useSignal(/** @type {number | null} */ (null));
  const format = useSignal(/** @type {'json' | 'csv' | 'html'} */ ('csv'));
  const audience = useSignal(/** @type {'staff' | 'visitor'} */ ('staff'));
  const progress = useSignal(/** @type {{ done: number, total: number } | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const stop = useRef(/** @type {AbortController | null} */ (null));
  const id = useId();
  useEffect(() => {
    (async () => {
      try {
        fits.value = (await call('GET', `/recordings/count?${query}`)).count;
      } catch (error) {
        failed.value = codeOf(error);
      }
    })();
    return () => stop.current?.abort();
  }, []);
  const begin = async (/** @type {Event} */ event) => {
    event.preventDefault();
    failed.value = null;
    progress.value = { done: 0, total: fits.value ?? 0 };
    stop.current = new AbortController();
    try {
      const wanted = new URLSearchParams([...query, ['format', format.value], ['audience', audience.value], ['language', language.value], ['zone', Intl.DateTimeFormat().resolvedOptions().timeZone]]);
      const answer = await fetch(`/api/v1/recordings/export?${wanted}`, { credentials: 'same-origin', cache: 'no-store', signal: stop.current.signal });
      if (!answer.ok || !answer.body) throw Refusal.from(await answer.json().catch(() => null), answer.status);
      const total = Number(answer.headers.get('x-total'));
      const pieces = [];
      let done = 0;
      const reader = answer.body.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        for (const byte of next.value) if (byte === END) done++;
        pieces.push(next.value);
        progress.value = { done, total };
      }
      save(new Blob(pieces, { type: answer.headers.get('content-type') ?? '' }), `recordings.${format.value}`);
      notice('good', w.done(done));
      onClose();
    } catch (error) {
      progress.value = null;
      if (!stop.current?.signal.aborted) failed.value = error instanceof Refusal ? words.value.refusal(error.code) : w.broken;
    }
  };
  const choices = (/** @type {any} */ chosen, /** @type {string} */ label, /** @type {Record<string, string>} */ names) => html`<fieldset class="question"><legend>${label}</legend><div class="answers">${Object.entries(names).map(([value, text]) => html`<label class="choice" key=${value}><input type="radio" name="${id}-${label}" checked=${chosen.value === value} disabled=${progress.value !== null} onChange=${() => (chosen.value = value)} /><span>${text}</span></label>`)}</div></fieldset>`;
  const at = progress.value;
  return html`<${Dialog} title=${w.exporting} onClose=${onClose}><form class="exporting" onSubmit=${begin}>
    <p>${fits.value === null ? words.value.common.loading : w.fits(fits.value)}</p>
    ${choices(format, w.format, w.formats)}${choices(audience, w.audience, w.audiences)}
    ${at && html`<p class="export-progress"><progress aria-label=${w.exporting} max=${Math.max(1, at.total)} value=${at.done}></progress> <span class="figure">${w.progress(at.done, at.total)}</span></p>`}
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${failed.value}</p>`}
    <footer class="dialog-foot"><button type="button" class="button" onClick=${onClose}>${w.cancel}</button><button type="submit" class="button primary" disabled=${at !== null || !fits.value}>${w.begin}</button></footer>
  </form></${Dialog}>`;
}

/** @param {Blob} file @param {string} name */
function save(file, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
