// The canned responses: those of one campaign, or those that all campaigns share. A list is saved as a whole.

/** @import { CannedResponse, CampaignRow } from '../types.js' */

import { html, useEffect, useId, useRef, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { LANGUAGES, nameOf, words } from '../lib/words.js';
import { focusOn } from '../views/focus.js';
import { Icon } from '../views/icons.js';

const SHORTCUT = 32;
const TEXT = 4000;

export function Canned() {
  const w = words.value.canned;
  const campaigns = useSignal(/** @type {CampaignRow[]} */ ([]));
  const scope = useSignal('');
  const failed = useSignal(/** @type {string | null} */ (null));
  const id = useId();
  useEffect(() => {
    call('GET', '/campaigns').then(rows => (campaigns.value = rows), error => (failed.value = codeOf(error)));
  }, []);
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><div><h1>${w.title}</h1><p class="muted">${w.lead}</p></div></div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    <div class="add-row"><label for=${id}>${w.scope}</label><select id=${id} class="input" value=${scope.value} onChange=${(/** @type {any} */ e) => (scope.value = e.currentTarget.value)}>
      <option value="">${w.shared}</option>${campaigns.value.map(row => html`<option value=${row.campaign}>${row.settings.name}</option>`)}</select></div>
    <${List} key=${scope.value} path=${scope.value ? `/campaigns/${scope.value}/canned` : '/canned'} />
  </main>`;
}

/** @param {{ path: string }} props */
function List({ path }) {
  const w = words.value.canned;
  const saved = useSignal(/** @type {CannedResponse[] | null} */ (null));
  const list = useSignal(/** @type {CannedResponse[]} */ ([]));
  const wrong = useSignal(/** @type {string[]} */ ([]));
  const failed = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  const language = useSignal(/** @type {string} */ (LANGUAGES[0]));
  const file = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    call('GET', path).then(answer => {
      saved.value = answer.responses;
      list.value = answer.responses;
    }, error => (failed.value = codeOf(error)));
  }, [path]);
  if (failed.value) return html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`;
  if (saved.value === null) return html`<p class="muted">${words.value.common.loading}</p>`;
  const dirty = JSON.stringify(list.value) !== JSON.stringify(saved.value);
  const change = (/** @type {CannedResponse[]} */ next) => {
    list.value = next;
    wrong.value = [];
  };
  const put = (/** @type {number} */ i, /** @type {Partial<CannedResponse>} */ part) => change(list.value.with(i, { ...list.value[i], ...part }));
  const say = (/** @type {number} */ i, /** @type {string} */ text) => {
    const texts = { ...list.value[i].texts, [language.value]: text };
    if (!text) delete texts[language.value];
    put(i, { texts });
  };
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    busy.value = true;
    try {
      const stored = await call('PUT', path, { responses: list.value });
      saved.value = stored.responses;
      list.value = stored.responses;
      notice('good', words.peek().campaign.editor.saved);
    } catch (error) {
      if (error instanceof Refusal && error.problems.length) {
        wrong.value = error.problems.map(p => p.field);
        const [, i, part] = /^responses\[(\d+)\]\.(shortcut|texts)/.exec(wrong.value[0]) ?? [];
        if (i) document.getElementById(`${part === 'texts' ? 'text' : 'shortcut'}-${i}`)?.focus();
      } else notice('bad', words.peek().refusal(codeOf(error)));
    }
    busy.value = false;
  };
  const read = async (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.currentTarget);
    const text = await input.files?.[0]?.text();
    input.value = '';
    try {
      const { responses } = JSON.parse(text ?? '');
      const found = responses.map((/** @type {any} */ r) => ({ shortcut: String(r.shortcut), texts: Object.fromEntries(Object.entries(r.texts).map(([tag, said]) => [tag, String(said)])) }));
      // What is imported under a shortcut that is here takes its place.
      const names = new Set(found.map((/** @type {CannedResponse} */ r) => r.shortcut.toLowerCase()));
      change([...list.value.filter(r => !names.has(r.shortcut.toLowerCase())), ...found]);
      notice('plain', w.imported(found.length));
    } catch {
      notice('bad', w.badFile);
    }
  };
  const write = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify({ responses: list.value }, null, 2)], { type: 'application/json' }));
    link.download = 'canned-responses.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  const bad = (/** @type {number} */ i, /** @type {string} */ part) => wrong.value.some(f => f.startsWith(`responses[${i}].${part}`));
  return html`<form class="members" onSubmit=${save} novalidate>
    <div class="add-row"><div class="segments" role="group" aria-label=${words.value.settings.language}>${LANGUAGES.map(tag => html`<button type="button" aria-pressed=${language.value === tag} onClick=${() => (language.value = tag)}>${nameOf(tag)}</button>`)}</div>
      <span class="muted small">${w.hint}</span><span class="push"></span>
      <input ref=${file} class="hidden" type="file" accept="application/json,.json" tabindex="-1" aria-hidden="true" onChange=${read} />
      <button type="button" class="button" onClick=${() => file.current?.click()}>${w.import}</button><button type="button" class="button" disabled=${list.value.length === 0} onClick=${write}>${w.export}</button></div>
    ${list.value.length === 0 ? html`<p class="muted">${w.none}</p>` : html`<div class="table-frame"><table class="table canned-table"><thead><tr><th scope="col">${w.shortcut}</th><th scope="col">${w.text} (${language.value.toUpperCase()})</th><th scope="col"><span class="hidden">${words.value.common.remove}</span></th></tr></thead>
      <tbody>${list.value.map((response, i) => html`<tr key=${i}>
        <td><span class="slashed"><span aria-hidden="true">/</span><input id=${`shortcut-${i}`} class="input" maxlength=${SHORTCUT} aria-label=${`${w.shortcut} ${i + 1}`} aria-invalid=${bad(i, 'shortcut') || undefined} value=${response.shortcut} onInput=${(/** @type {any} */ e) => put(i, { shortcut: e.currentTarget.value.trim() })} /></span>
          ${bad(i, 'shortcut') && html`<p class="wrong"><${Icon} name="warning" size=${14} />${w.wrong.shortcut}</p>`}</td>
        <td><textarea id=${`text-${i}`} class="input" rows="2" maxlength=${TEXT} lang=${language.value} aria-label=${`${w.text} ${response.shortcut}`} aria-invalid=${bad(i, 'texts') || undefined} value=${response.texts[language.value] ?? ''} onInput=${(/** @type {any} */ e) => say(i, e.currentTarget.value)}></textarea>
          ${bad(i, 'texts') && html`<p class="wrong"><${Icon} name="warning" size=${14} />${w.wrong.texts}</p>`}</td>
        <td class="last"><button type="button" class="icon-button" aria-label=${`${words.value.common.remove} /${response.shortcut}`} title=${words.value.common.remove} onClick=${() => change(list.value.toSpliced(i, 1))}><${Icon} name="trash" /></button></td></tr>`)}</tbody></table></div>`}
    <div><button type="button" class="button" onClick=${() => {
      change([...list.value, { shortcut: '', texts: {} }]);
      focusOn(`shortcut-${list.peek().length - 1}`);
    }}><${Icon} name="plus" />${w.add}</button></div>
    <footer class="save-bar"><span class="muted" role="status">${dirty ? words.value.campaign.editor.unsaved : words.value.campaign.editor.clean}</span>
      <button type="button" class="button" disabled=${!dirty || busy.value} onClick=${() => change(saved.peek() ?? [])}>${words.value.campaign.editor.discard}</button>
      <button type="submit" class="button primary" disabled=${!dirty || busy.value}>${busy.value ? words.value.common.saving : words.value.common.save}</button></footer>
  </form>`;
}
