// Mail that has not reached its address yet, and what was given up.

/** @import { OwedMail } from '../types.js' */

import { html, signal, useEffect } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';

const owed = signal(/** @type {{ total: number, dead: number, messages: OwedMail[] } | null} */ (null));
const failed = signal(/** @type {string | null} */ (null));

async function load() {
  try {
    owed.value = await call('GET', '/mail');
    failed.value = null;
  } catch (error) {
    failed.value = codeOf(error);
  }
}

/** @param {OwedMail} message */
async function resend({ message }) {
  try {
    await call('POST', `/mail/${message}/resend`);
  } catch (error) {
    // Delivered meanwhile: nothing is owed any more.
    if (codeOf(error) !== 'unknown_message') notice('bad', words.peek().refusal(codeOf(error)));
  }
  await load();
}

/** @param {OwedMail} message */
async function forget({ message }) {
  try {
    await call('DELETE', `/mail/${message}`);
  } catch (error) {
    // Sent again or settled meanwhile: the list says which.
    if (codeOf(error) !== 'unknown_message') notice('bad', words.peek().refusal(codeOf(error)));
  }
  await load();
}

/** What a mail says, in one line. @param {OwedMail} row */
function gist({ text, alarm, chat }) {
  if (text !== null) return text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return [alarm && words.value.mail.alarms[alarm], chat].filter(Boolean).join(' ');
}

export function Mail() {
  const w = words.value.mail;
  useEffect(() => void load(), []);
  const list = owed.value;
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><h1>${w.title}</h1>
      <button type="button" class="button" onClick=${() => void load()}>${w.refresh}</button></div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${list === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : list.total === 0 ? html`<div class="empty" role="status"><${Icon} name="check" size=${32} /><h2>${w.none}</h2><p>${w.noneText}</p></div>`
    : html`<p class="muted" role="status">${w.count(list.total, list.dead)}</p>
    ${list.messages.length > 0 && html`<div class="table-frame"><table class="table">
      <thead><tr><th scope="col">${w.from}</th><th scope="col">${w.text}</th><th scope="col">${w.to}</th><th scope="col">${w.state}</th><th scope="col"><span class="hidden">${w.resend}</span></th></tr></thead>
      <tbody>${list.messages.map(row => html`<tr key=${row.message}><th scope="row">${row.name ?? row.email ?? w.kinds[row.kind]}</th><td>${gist(row)}</td><td>${row.address}</td>
        <td><span class="status ${row.state === 'dead' ? 'off' : 'open'}"><${Icon} name=${row.state === 'dead' ? 'stop' : 'clock'} size=${14} />${w.states[row.state]}</span>${row.last_error && html`<div class="muted">${row.last_error}</div>`}</td>
        <td class="last">${row.state === 'dead' && html`<button type="button" class="button small plain bad-text" aria-label=${w.forgetTitle(row.message)} onClick=${() => void forget(row)}>${w.forget}</button>`}${(row.state === 'due' || row.state === 'dead') && html`<button type="button" class="button small" aria-label=${w.resendTitle(row.message)} onClick=${() => void resend(row)}>${w.resend}</button>`}</td></tr>`)}</tbody></table></div>`}`}
  </main>`;
}
