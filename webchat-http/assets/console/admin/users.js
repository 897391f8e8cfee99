// Who may sign in, and as what.

/** @import { Account, Role } from '../types.js' */

import { html, signal, useEffect, useId, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Icon } from '../views/icons.js';

const LEAST_PASSWORD = 8;
/** @type {Role[]} */
const ROLES = ['agent', 'supervisor', 'administrator'];

const rows = signal(/** @type {Account[] | null} */ (null));
const failed = signal(/** @type {string | null} */ (null));
/** The user in the dialog; `new` for one to make. */
const open = signal(/** @type {Account | 'new' | null} */ (null));

async function load() {
  try {
    rows.value = await call('GET', '/users');
    failed.value = null;
  } catch (error) {
    failed.value = codeOf(error);
  }
}

export function Users() {
  const w = words.value.users;
  useEffect(() => void load(), []);
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><h1>${w.title}</h1>
      <button type="button" class="button primary" onClick=${() => (open.value = 'new')}><${Icon} name="plus" />${w.add}</button></div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${rows.value === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : html`<div class="table-frame"><table class="table">
      <thead><tr><th scope="col">${w.name}</th><th scope="col">${w.login}</th><th scope="col">${w.role}</th><th scope="col">${w.state}</th><th scope="col"><span class="hidden">${w.edit}</span></th></tr></thead>
      <tbody>${rows.value.map(row => html`<tr key=${row.id}><th scope="row">${row.name}</th><td>${row.login}</td><td>${words.value.roles[row.role]}</td>
        <td><span class="status ${row.disabled ? 'off' : 'open'}"><${Icon} name=${row.disabled ? 'stop' : 'circleCheck'} size=${14} />${row.disabled ? w.disabled : w.active}</span></td>
        <td class="last"><button type="button" class="button small" aria-label=${w.editTitle(row.name)} onClick=${() => (open.value = row)}>${w.edit}</button></td></tr>`)}</tbody></table></div>`}
    ${open.value && html`<${UserDialog} key=${open.value === 'new' ? 0 : open.value.id} user=${open.value === 'new' ? null : open.value} />`}
  </main>`;
}

/** @param {{ user: Account | null }} props */
function UserDialog({ user }) {
  const w = words.value.users;
  const id = useId();
  const draft = useSignal({ name: user?.name ?? '', login: user?.login ?? '', role: /** @type {Role} */ (user?.role ?? 'agent'), password: '', voice: user?.voice ?? false, disabled: user?.disabled ?? false });
  const wrong = useSignal(/** @type {string[]} */ ([]));
  const sure = useSignal(false);
  const busy = useSignal(false);
  const shut = () => (open.value = null);
  const set = (/** @type {Partial<typeof draft.value>} */ part) => {
    draft.value = { ...draft.value, ...part };
    wrong.value = wrong.value.filter(name => !(name in part));
  };
  const attempt = async (/** @type {() => Promise<unknown>} */ act) => {
    busy.value = true;
    try {
      await act();
      await load();
      shut();
      return;
    } catch (error) {
      if (error instanceof Refusal && error.problems.length) wrong.value = error.problems.map(p => p.field);
      else notice('bad', words.peek().refusal(codeOf(error)));
    }
    busy.value = false;
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const { name, login, role, password, voice, disabled } = draft.value;
    const bad = [!name.trim() && 'name', !login.trim() && 'login', (password ? [...password].length < LEAST_PASSWORD : !user) && 'password'].filter(x => typeof x === 'string');
    wrong.value = bad;
    if (bad.length) return document.getElementById(`${id}-${bad[0]}`)?.focus();
    const body = { name: name.trim(), login: login.trim(), role, disabled, ...(role === 'administrator' ? {} : { voice }), ...(password ? { password } : {}) };
    void attempt(() => (user ? call('PUT', `/users/${user.id}`, body) : call('POST', '/users', body)));
  };
  const field = (/** @type {'name' | 'login' | 'password'} */ name, /** @type {string} */ label, /** @type {object} */ more, hint = '') => html`<div class="field"><label for="${id}-${name}">${label}</label>
    <input class="input" id="${id}-${name}" ...${more} value=${draft.value[name]} aria-invalid=${wrong.value.includes(name) || undefined} aria-describedby="${id}-${name}-said" onInput=${(/** @type {any} */ e) => set({ [name]: e.currentTarget.value })} />
    <div id="${id}-${name}-said">${wrong.value.includes(name) ? html`<p class="wrong"><${Icon} name="warning" size=${14} />${w.problem[name]}</p>` : hint && html`<p class="hint">${hint}</p>`}</div></div>`;
  const check = (/** @type {'voice' | 'disabled'} */ name, /** @type {string} */ label, /** @type {string} */ hint) => html`<div class="field check"><label class="switch"><input type="checkbox" role="switch" checked=${draft.value[name]} onChange=${(/** @type {any} */ e) => set({ [name]: e.currentTarget.checked })} /><span>${label}</span></label><p class="hint">${hint}</p></div>`;
  return html`<${Dialog} title=${user ? w.editTitle(user.name) : w.add} onClose=${shut}><form onSubmit=${save} novalidate>
    ${field('name', w.name, { autofocus: true, maxlength: 80, autocomplete: 'off' })}
    ${field('login', w.login, { maxlength: 80, autocomplete: 'off', autocapitalize: 'none', spellcheck: false })}
    ${field('password', user ? w.newPassword : w.password, { type: 'password', maxlength: 128, autocomplete: 'new-password' }, user ? w.keep : w.least)}
    <div class="field"><label for="${id}-role">${w.role}</label><select class="input" id="${id}-role" value=${draft.value.role} onChange=${(/** @type {any} */ e) => set({ role: e.currentTarget.value })}>${ROLES.map(role => html`<option value=${role}>${words.value.roles[role]}</option>`)}</select>
      ${wrong.value.includes('role') && html`<p class="wrong"><${Icon} name="warning" size=${14} />${w.problem.role}</p>`}</div>
    ${draft.value.role !== 'administrator' && check('voice', w.voice, w.voiceHint)}
    ${user && check('disabled', w.disable, w.disableHint)}
    <footer class="dialog-foot">
      ${user && html`<button type="button" class="button plain bad-text" disabled=${busy.value} onClick=${() => (sure.value ? void attempt(() => call('DELETE', `/users/${user.id}`)) : (sure.value = true))}><${Icon} name="trash" />${sure.value ? w.sure : w.remove}</button>`}
      <span class="push"></span>
      <button type="button" class="button" onClick=${shut}>${words.value.common.cancel}</button><button type="submit" class="button primary" disabled=${busy.value}>${words.value.common.save}</button></footer>
  </form></${Dialog}>`;
}
