// What holds for all campaigns: how much one agent carries, how long a lost one is waited for.

/** @import { TenantSettings } from '../types.js' */

import { html, useEffect, useId, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { focusOn } from '../views/focus.js';
import { Icon } from '../views/icons.js';

/** The numbers of the form and what they may be; an empty `agent_cap` is no limit. */
const NUMBERS = /** @type {const} */ ([['agent_cap', 1, 10_000], ['agent_grace', 1, 86_400], ['transfer_timeout', 1, 86_400], ['text_chars', 1, 4_000]]);

export function Tenant() {
  const w = words.value.tenant;
  const saved = useSignal(/** @type {TenantSettings | null} */ (null));
  /** What the fields hold, as it was typed. */
  const typed = useSignal(/** @type {Record<string, string>} */ ({}));
  const voice = useSignal(false);
  const wrong = useSignal(/** @type {string[]} */ ([]));
  const failed = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  const id = useId();
  const show = (/** @type {TenantSettings} */ settings) => {
    saved.value = settings;
    typed.value = Object.fromEntries(NUMBERS.map(([name]) => [name, String(settings[name] ?? '')]));
    voice.value = settings.voice_membership_required;
    wrong.value = [];
  };
  useEffect(() => {
    call('GET', '/tenant').then(show, error => (failed.value = codeOf(error)));
  }, []);
  if (failed.value) return html`<main class="page" id="main" tabindex="-1"><p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p></main>`;
  const before = saved.value;
  if (!before) return html`<main class="page" id="main" tabindex="-1"><p class="muted">${words.value.common.loading}</p></main>`;
  const dirty = voice.value !== before.voice_membership_required || NUMBERS.some(([name]) => (typed.value[name] ?? '').trim() !== String(before[name] ?? ''));
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const read = (/** @type {string} */ name) => (typed.value[name] ?? '').trim();
    const fits = (/** @type {typeof NUMBERS[number]} */ [name, least, most]) => (name === 'agent_cap' && read(name) === '') || (/^\d+$/.test(read(name)) && Number(read(name)) >= least && Number(read(name)) <= most);
    wrong.value = NUMBERS.filter(number => !fits(number)).map(([name]) => name);
    if (wrong.value.length) return focusOn(`${id}-${wrong.value[0]}`);
    busy.value = true;
    const numbers = Object.fromEntries(NUMBERS.map(([name]) => [name, read(name) === '' ? null : Number(read(name))]));
    try {
      show(await call('PUT', '/tenant', { ...before, ...numbers, voice_membership_required: voice.value }));
      notice('good', words.peek().campaign.editor.saved);
    } catch (error) {
      if (error instanceof Refusal && error.problems.length) wrong.value = error.problems.map(p => p.field);
      notice('bad', words.peek().refusal(codeOf(error)));
    }
    busy.value = false;
  };
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><div><h1>${w.title}</h1><p class="muted">${w.lead}</p></div></div>
    <form class="quality-editor tenant" onSubmit=${save} novalidate>
      ${NUMBERS.map(([name, least, most]) => {
        const bad = wrong.value.includes(name);
        return html`<div class="field" key=${name}><label for="${id}-${name}">${w.names[name]}</label>
          <input id="${id}-${name}" class="input" type="number" inputmode="numeric" min=${least} max=${most} placeholder=${name === 'agent_cap' ? w.unlimited : ''} value=${typed.value[name] ?? ''} aria-invalid=${bad || undefined}
            aria-describedby="${id}-${name}-said" onInput=${(/** @type {any} */ e) => (typed.value = { ...typed.value, [name]: e.currentTarget.value })} />
          <div id="${id}-${name}-said">${bad ? html`<p class="wrong"><${Icon} name="warning" size=${14} />${w.range(least, most)}</p>` : html`<p class="hint">${w.hints[name]}</p>`}</div></div>`;
      })}
      <div class="field check"><label class="switch"><input type="checkbox" role="switch" checked=${voice.value} onChange=${(/** @type {any} */ e) => (voice.value = e.currentTarget.checked)} /><span>${w.voice}</span></label><p class="hint">${w.voiceHint}</p></div>
      <footer class="save-bar"><span class="muted" role="status">${dirty ? words.value.campaign.editor.unsaved : words.value.campaign.editor.clean}</span>
        <button type="button" class="button" disabled=${!dirty || busy.value} onClick=${() => show(before)}>${words.value.campaign.editor.discard}</button>
        <button type="submit" class="button primary" disabled=${!dirty || busy.value}>${busy.value ? words.value.common.saving : words.value.common.save}</button></footer>
    </form></main>`;
}
