// Where the host's programs are told what happens: each webhook with how far it has got, and what was refused for good.

/** @import { DeadLetter, Webhook } from '../types.js' */

import { html, signal, useEffect, useId, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { fullTime } from '../lib/clock.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { focusOn } from '../views/focus.js';
import { Icon } from '../views/icons.js';

/** Between two looks at what is on screen. */
const REFRESH = 5000;
const URL_CHARS = 2000;
/** The kinds most programs ask for. Others that were set over the API stay. */
const KINDS = ['chat_queued', 'chat_refused', 'chat_offered', 'chat_assigned', 'chat_returned', 'chat_closed', 'message_posted', 'note_added', 'feedback_given', 'chat_evaluated', 'alarm_raised', 'alarm_cleared', 'agent_signed_in', 'agent_signed_out', 'agent_paused', 'agent_resumed', 'offline_message_left', 'recordings_erased', 'recordings_expired'];

const rows = signal(/** @type {Webhook[] | null} */ (null));
const failed = signal(/** @type {string | null} */ (null));
/** The dialog on screen. */
const open = signal(/** @type {{ kind: 'edit', hook: Webhook | null } | { kind: 'secret', secret: string } | { kind: 'dead', hook: Webhook } | null} */ (null));
const shut = () => (open.value = null);

async function load() {
  try {
    rows.value = await call('GET', '/webhooks');
    failed.value = null;
  } catch (error) {
    failed.value = codeOf(error);
  }
}

/** What a receiver answered stands in the words of the server. @param {unknown} error */
function complain(error) {
  const w = words.peek();
  if (error instanceof Refusal && error.code === 'webhook_failed') return notice('bad', `${w.webhooks.notTaken}: ${error.message.replace(/^it was not taken: /, '')}`);
  notice('bad', w.refusal(codeOf(error)));
}

/** @param {Webhook} hook */
async function test({ webhook }) {
  try {
    await call('POST', `/webhooks/${webhook}/test`);
    notice('good', words.peek().webhooks.tested);
  } catch (error) {
    complain(error);
  }
  await load();
}

export function Webhooks() {
  const w = words.value.webhooks;
  useEffect(() => {
    void load();
    const looking = setInterval(() => document.visibilityState === 'visible' && void load(), REFRESH);
    return () => clearInterval(looking);
  }, []);
  const list = rows.value;
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><div><h1>${w.title}</h1><p class="muted">${w.lead}</p></div>
      <button type="button" class="button primary" onClick=${() => (open.value = { kind: 'edit', hook: null })}><${Icon} name="plus" />${w.add}</button></div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${list === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : list.length === 0 ? html`<div class="empty"><p><strong>${w.none}</strong></p><p class="muted">${w.noneText}</p></div>`
      : html`<div class="table-frame"><table class="table hooks"><thead><tr><th scope="col">${w.url}</th><th scope="col">${w.state}</th><th scope="col">${w.last}</th><th scope="col">${w.dead}</th><th scope="col"><span class="hidden">${w.edit}</span></th></tr></thead>
        <tbody>${list.map(hook => html`<${Row} key=${hook.webhook} hook=${hook} />`)}</tbody></table></div>`}
    ${open.value?.kind === 'edit' && html`<${EditDialog} key=${open.value.hook?.webhook ?? 0} hook=${open.value.hook} />`}
    ${open.value?.kind === 'secret' && html`<${SecretDialog} secret=${open.value.secret} />`}
    ${open.value?.kind === 'dead' && html`<${DeadDialog} hook=${open.value.hook} />`}
  </main>`;
}

/** @type {Record<Webhook['state'], [import('../views/icons.js').IconName, string]>} */
const FACES = { idle: ['circleCheck', 'open'], retrying: ['warning', 'closed'], off: ['stop', 'off'] };

/** @param {{ hook: Webhook }} props */
function Row({ hook }) {
  const w = words.value.webhooks;
  const [icon, kind] = FACES[hook.state];
  const { last_attempt: last, attempts, next_at: next, last_error: error } = hook;
  return html`<tr><th scope="row"><span class="code">${hook.url}</span><div class="muted small">${hook.events.length ? hook.events.map(name => html`<span class="code event">${name}</span> `) : w.everything}</div></th>
    <td><span class="status ${kind}"><${Icon} name=${icon} size=${14} />${w.states[hook.state]}</span>
      ${hook.state === 'retrying' && html`<div class="muted small">${w.attempts(attempts)}${next != null && ` · ${w.next(fullTime(next))}`}</div>`}
      ${error && html`<div class="muted small">${error}</div>`}</td>
    <td>${last ? html`<span class="status ${last.outcome === 'delivered' ? 'open' : 'closed'}"><${Icon} name=${last.outcome === 'delivered' ? 'check' : 'warning'} size=${14} />${w.outcomes[last.outcome] ?? last.outcome}</span><div class="muted small">${fullTime(last.at)}</div>` : html`<span class="muted">${w.never}</span>`}</td>
    <td>${hook.dead === 0 ? html`<span class="muted">0</span>` : html`<button type="button" class="link-button" aria-label=${w.deadOf(hook.dead, hook.url)} onClick=${() => (open.value = { kind: 'dead', hook })}>${hook.dead}</button>`}</td>
    <td class="last"><span class="row-actions"><button type="button" class="button small" aria-label=${w.testTitle(hook.url)} onClick=${() => void test(hook)}><${Icon} name="send" size=${14} />${w.test}</button>
      <button type="button" class="button small" aria-label=${w.editTitle(hook.url)} onClick=${() => (open.value = { kind: 'edit', hook })}>${w.edit}</button></span></td></tr>`;
}

/** @param {{ hook: Webhook | null }} props */
function EditDialog({ hook }) {
  const w = words.value.webhooks;
  const id = useId();
  const url = useSignal(hook?.url ?? '');
  const all = useSignal(!hook || hook.events.length === 0);
  const events = useSignal(/** @type {string[]} */ (hook?.events ?? []));
  const enabled = useSignal(hook?.enabled ?? true);
  const wrong = useSignal(/** @type {{ field: string, expected?: string } | null} */ (null));
  const sure = useSignal(/** @type {'remove' | 'secret' | null} */ (null));
  const busy = useSignal(false);
  const kinds = [...KINDS, ...(hook?.events ?? []).filter(name => !KINDS.includes(name))];
  const attempt = async (/** @type {() => Promise<any>} */ act) => {
    busy.value = true;
    try {
      const answer = await act();
      await load();
      open.value = answer?.secret ? { kind: 'secret', secret: answer.secret } : null;
      return;
    } catch (error) {
      const problem = error instanceof Refusal ? error.problems[0] : undefined;
      if (problem) {
        wrong.value = problem;
        document.getElementById(`${id}-${problem.field}`)?.focus();
      } else complain(error);
    }
    busy.value = false;
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!all.value && events.value.length === 0) {
      wrong.value = { field: 'events' };
      return focusOn(`${id}-events`);
    }
    const body = { url: url.value.trim(), events: all.value ? [] : events.value, enabled: enabled.value };
    void attempt(() => (hook ? call('PUT', `/webhooks/${hook.webhook}`, body) : call('POST', '/webhooks', body)));
  };
  const turn = (/** @type {string} */ name, /** @type {boolean} */ on) => {
    events.value = on ? [...events.value, name] : events.value.filter(other => other !== name);
    wrong.value = null;
  };
  const choose = (/** @type {boolean} */ every) => {
    all.value = every;
    wrong.value = null;
  };
  const twice = (/** @type {'remove' | 'secret'} */ what, /** @type {() => Promise<any>} */ act) => () => (sure.value === what ? void attempt(act) : (sure.value = what));
  const said = (/** @type {string} */ field, /** @type {string} */ text) => wrong.value?.field === field && html`<p class="wrong"><${Icon} name="warning" size=${14} />${text}</p>`;
  return html`<${Dialog} title=${hook ? w.editing : w.add} wide=${true} onClose=${shut}><form onSubmit=${save} novalidate>
    <div class="field"><label for="${id}-url">${w.url}</label><input class="input code" id="${id}-url" type="url" autofocus maxlength=${URL_CHARS} autocomplete="off" spellcheck="false" value=${url.value} aria-invalid=${wrong.value?.field === 'url' || undefined} aria-describedby="${id}-url-said"
        onInput=${(/** @type {any} */ e) => {
          url.value = e.currentTarget.value;
          wrong.value = null;
        }} />
      <div id="${id}-url-said">${said('url', w.wrongUrl) || html`<p class="hint">${w.urlHint}</p>`}</div></div>
    <fieldset class="group" aria-describedby="${id}-events-said"><legend>${w.events}</legend>
      <div class="segments" role="group" aria-label=${w.events}><button type="button" aria-pressed=${all.value} onClick=${() => choose(true)}>${w.everything}</button><button type="button" id="${id}-events" aria-pressed=${!all.value} onClick=${() => choose(false)}>${w.some}</button></div>
      ${!all.value && html`<div class="kinds">${kinds.map(name => html`<label class="pick"><input type="checkbox" checked=${events.value.includes(name)} onChange=${(/** @type {any} */ e) => turn(name, e.currentTarget.checked)} /><span class="code">${name}</span></label>`)}</div>`}
      <div id="${id}-events-said">${said('events', w.wrongEvents)}</div></fieldset>
    <div class="field check"><label class="switch"><input type="checkbox" role="switch" checked=${enabled.value} onChange=${(/** @type {any} */ e) => (enabled.value = e.currentTarget.checked)} /><span>${w.enabled}</span></label><p class="hint">${w.enabledHint}</p></div>
    <footer class="dialog-foot">
      ${hook && html`<button type="button" class="button plain bad-text" disabled=${busy.value} onClick=${twice('remove', () => call('DELETE', `/webhooks/${hook.webhook}`))}><${Icon} name="trash" />${sure.value === 'remove' ? w.sure : w.remove}</button>
        <button type="button" class="button plain" disabled=${busy.value} onClick=${twice('secret', () => call('POST', `/webhooks/${hook.webhook}/secret`))}><${Icon} name="lock" />${sure.value === 'secret' ? w.voids : w.newSecret}</button>`}
      <span class="push"></span>
      <button type="button" class="button" onClick=${shut}>${words.value.common.cancel}</button><button type="submit" class="button primary" disabled=${busy.value}>${words.value.common.save}</button></footer>
  </form></${Dialog}>`;
}

/** Shown once: the server keeps no way to show it again. @param {{ secret: string }} props */
function SecretDialog({ secret }) {
  const w = words.value.webhooks;
  const id = useId();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      notice('good', words.peek().webhooks.copied);
    } catch {
      focusOn(id);
    }
  };
  return html`<${Dialog} title=${w.secret} onClose=${shut}><form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    shut();
  }}>
    <p>${w.secretText}</p>
    <div class="field"><label for=${id}>${w.secret}</label><input class="input code" id=${id} readonly autofocus value=${secret} onFocus=${(/** @type {any} */ e) => e.currentTarget.select()} /></div>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${() => void copy()}>${w.copy}</button><button type="submit" class="button primary">${w.copiedIt}</button></footer>
  </form></${Dialog}>`;
}

/** @param {{ hook: Webhook }} props */
function DeadDialog({ hook }) {
  const w = words.value.webhooks;
  const letters = useSignal(/** @type {DeadLetter[] | null} */ (null));
  const next = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  const path = `/webhooks/${hook.webhook}/dead`;
  const read = async (/** @type {string | null} */ after) => {
    try {
      const page = await call('GET', after ? `${path}?after=${after}` : path);
      letters.value = after ? [...(letters.peek() ?? []), ...page.letters] : page.letters;
      next.value = page.next;
    } catch (error) {
      complain(error);
    }
  };
  useEffect(() => void read(null), [hook.webhook]);
  /** Sends or forgets some, one after the other and in order; the first that is not taken ends it. */
  const settle = async (/** @type {'POST' | 'DELETE'} */ method, /** @type {DeadLetter[]} */ which) => {
    busy.value = true;
    let done = 0;
    try {
      for (const { event } of which) {
        await call(method, `${path}/${event}`);
        done++;
      }
    } catch (error) {
      if (codeOf(error) !== 'unknown_event') complain(error);
    }
    if (done > 0) notice('good', method === 'POST' ? w.sent(done) : w.forgotten(done));
    await Promise.all([read(null), load()]);
    busy.value = false;
  };
  const list = letters.value;
  return html`<${Dialog} title=${w.deadTitle} wide=${true} onClose=${shut}><div class="past" tabindex="0" role="region" aria-label=${w.deadTitle}>
    <p class="muted">${w.deadText}</p><p class="code">${hook.url}</p>
    ${list === null ? html`<p class="muted">${words.value.common.loading}</p>` : list.length === 0 ? html`<p class="log-empty">${w.noDead}</p>` : html`<div class="table-frame"><table class="table"><thead><tr><th scope="col">${w.event}</th><th scope="col">${w.answer}</th><th scope="col"><span class="hidden">${w.resend}</span></th></tr></thead>
      <tbody>${list.map(dead => html`<tr key=${dead.event}><th scope="row"><span class="code">${dead.kind}</span><div class="muted small">${dead.event} · ${fullTime(dead.at)}</div></th><td>${dead.error}</td>
        <td class="last"><span class="row-actions"><button type="button" class="button small plain bad-text" disabled=${busy.value} aria-label=${w.forgetTitle(dead.event)} onClick=${() => void settle('DELETE', [dead])}>${w.forget}</button>
          <button type="button" class="button small" disabled=${busy.value} aria-label=${w.resendTitle(dead.event)} onClick=${() => void settle('POST', [dead])}>${w.resend}</button></span></td></tr>`)}</tbody></table></div>
      ${next.value && html`<button type="button" class="button" onClick=${() => void read(next.value)}>${w.more}</button>`}`}
    </div>
    <footer class="dialog-foot padded"><button type="button" class="button" onClick=${shut}>${words.value.common.close}</button>
      ${list && list.length > 0 && html`<button type="button" class="button primary" disabled=${busy.value} onClick=${() => void settle('POST', list)}><${Icon} name="retry" />${w.resendAll}</button>`}</footer></${Dialog}>`;
}
