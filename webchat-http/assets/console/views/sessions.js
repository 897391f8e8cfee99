// A person's own sessions, and the question who they are.

/** @import { OwnSession } from '../types.js' */

import { html, useEffect, useId, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { fullTime } from '../lib/clock.js';
import { asked } from '../lib/confirming.js';
import { codeOf } from '../lib/refusal.js';
import { call } from '../lib/rest.js';
import { words } from '../lib/words.js';
import { confirmElsewhere, confirmWith, hasPassword, over, stillStands } from '../desk/session.js';
import { Dialog } from './dialog.js';
import { Icon } from './icons.js';

/** Where one is signed in, and the way to end what should not be. */
export function SessionsDialog() {
  const w = words.value.sessions;
  const rows = useSignal(/** @type {OwnSession[] | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  const attempt = async (/** @type {() => Promise<unknown>} */ act) => {
    busy.value = true;
    failed.value = null;
    try {
      await act();
      rows.value = await call('GET', '/sessions');
    } catch (error) {
      failed.value = codeOf(error);
      if (failed.value === 'not_signed_in') over(null);
    }
    busy.value = false;
  };
  useEffect(() => void attempt(async () => {}), []);
  const end = (/** @type {string} */ path) => attempt(async () => {
    await call('DELETE', path);
    notice('good', w.ended);
  });
  const others = rows.value?.some(row => !row.current) ?? false;
  return html`<${Dialog} title=${w.title} wide=${true}><div class="dialog-part">
    <p class="muted">${w.text}</p>
    <div role="alert">${failed.value && failed.value !== 'confirm_first' && html`<p class="callout bad"><${Icon} name="warning" /><span>${words.value.refusal(failed.value)}</span></p>`}</div>
    ${rows.value === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : html`<ul class="sessions">
      ${rows.value.map(row => html`<li key=${row.id} class="session">
        <${Icon} name=${row.current ? 'circleCheck' : 'user'} />
        <div class="session-facts"><div><strong>${row.browser || w.unknown}</strong>${row.current && html` <span class="tag">${w.current}</span>`}</div>
          <div class="muted">${w.used(fullTime(row.used))}<br />${w.since(fullTime(row.signed_in))}</div></div>
        ${!row.current && html`<button type="button" class="button small" disabled=${busy.value} aria-label=${w.endName(row.browser || w.unknown)} onClick=${() => void end(`/sessions/${row.id}`)}>${w.end}</button>`}
      </li>`)}</ul>`}
    <footer class="dialog-foot">${others && html`<button type="button" class="button danger" disabled=${busy.value} onClick=${() => void end('/sessions')}><${Icon} name="door" />${w.endOthers}</button>`}</footer>
  </div></${Dialog}>`;
}

/** Asks who one is, over whatever was being done; it goes on where it was. */
export function ConfirmDialog() {
  const w = words.value.confirming;
  const id = useId();
  const password = useSignal('');
  const wrong = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  const elsewhere = useSignal(/** @type {string | null} */ (null));
  const answer = (/** @type {boolean} */ shown) => asked.peek()?.(shown);
  const fail = (/** @type {unknown} */ error) => {
    wrong.value = codeOf(error);
    busy.value = false;
  };
  useEffect(() => {
    // Without a provider it was the host's own page that signed the person in.
    if (!hasPassword.peek()) confirmElsewhere().then(url => (elsewhere.value = url), error => void (codeOf(error) !== 'provider_off' && fail(error)));
  }, []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy.value) return;
    if (!hasPassword.value) {
      if (await stillStands()) return answer(true);
      answer(false);
      return over('not_signed_in');
    }
    if (!password.value) return document.getElementById(id)?.focus();
    busy.value = true;
    wrong.value = null;
    try {
      await confirmWith(password.value);
      answer(true);
    } catch (error) {
      fail(error);
      document.getElementById(id)?.focus();
    }
  };
  return html`<${Dialog} title=${w.title} onClose=${() => answer(false)}><form onSubmit=${submit} novalidate>
    <p>${hasPassword.value ? w.text : w.elsewhere}</p>
    <div role="alert">${wrong.value && html`<p class="callout bad" id="${id}-wrong"><${Icon} name="warning" /><span>${wrong.value === 'not_allowed' ? w.wrong : words.value.refusal(wrong.value)}</span></p>`}</div>
    ${hasPassword.value
      ? html`<div class="field"><label for=${id}>${words.value.signIn.password}</label><input class="input" id=${id} type="password" autofocus autocomplete="current-password" maxlength="128"
          value=${password.value} aria-invalid=${wrong.value === 'not_allowed' || undefined} aria-describedby="${id}-wrong" onInput=${(/** @type {any} */ e) => (password.value = e.currentTarget.value)} /></div>`
      : elsewhere.value && html`<p><a class="button wide" href=${elsewhere.value} target="_blank" rel="noopener" autofocus><${Icon} name="lock" />${w.there}</a></p>`}
    <footer class="dialog-foot"><button type="button" class="button" onClick=${() => answer(false)}>${words.value.common.cancel}</button>
      <button type="submit" class="button primary" disabled=${busy.value}>${w.go}</button></footer>
  </form></${Dialog}>`;
}
