// What a site has to carry so that the window appears on it.

/** @import { Editing } from './editing.js' */

import { html, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { LANGUAGES, nameOf, words } from '../lib/words.js';
import { focusOn } from '../views/focus.js';

/** @param {{ id: number, edit: Editing }} props */
export function Embed({ id, edit }) {
  const w = words.value.campaign.embed;
  const tongue = useSignal('');
  const code = `<script src="${location.origin}/widget.js" data-campaign="${id}"${tongue.value ? ` data-language="${tongue.value}"` : ''} async></script>`;
  const domains = edit.saved.value?.allowed_domains ?? [];
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      notice('good', words.peek().campaign.embed.copied);
    } catch {
      focusOn('embed-code');
    }
  };
  return html`<section class="card" aria-labelledby="section-embed"><h2 id="section-embed" tabindex="-1">${w.title}</h2>
    <p class="hint">${w.hint}</p>
    <textarea class="input code" id="embed-code" rows="3" readonly aria-labelledby="section-embed" value=${code} onFocus=${(/** @type {any} */ e) => e.currentTarget.select()}></textarea>
    <div class="row-line"><select class="input" aria-label=${w.language} value=${tongue.value} onChange=${(/** @type {any} */ e) => (tongue.value = e.currentTarget.value)}><option value="">${w.anyLanguage}</option>${LANGUAGES.map(tag => html`<option value=${tag}>${nameOf(tag)}</option>`)}</select>
      <button type="button" class="button" onClick=${() => void copy()}>${w.copy}</button></div>
    <p class="hint">${domains.length ? w.only(domains.join(', ')) : w.any}</p>
  </section>`;
}
