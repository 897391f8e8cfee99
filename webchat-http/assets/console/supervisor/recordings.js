// Recordings: chats that are over, found by what is known of them, and each told whole.

/** @import { ChatSummary, Evaluated, QualityModel, Recording, RecordingList, Message, Note } from '../types.js' */

import { html, signal, useEffect, useId, useSignal } from '../vendor/preact.js';
import { fullTime, secondsBetween, span, timeOfDay } from '../lib/clock.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Icon } from '../views/icons.js';
import { agentName, agents, campaignName, cards } from './floor.js';

const REASONS = ['agent_closed', 'visitor_left', 'visitor_gone', 'supervisor_closed', 'timed_out', 'out_of_time', 'agents_gone', 'agent_gone', 'disabled'];
const EMPTY = { text: '', campaign: '', agent: '', from: '', until: '', reason: '', score: '' };

/** The chat being read. */
const open = signal(/** @type {string | null} */ (null));

export function Recordings() {
  const w = words.value.recordings;
  const wish = useSignal(EMPTY);
  const list = useSignal(/** @type {RecordingList | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const id = useId();
  const load = async (/** @type {number | null} */ before = null) => {
    const { from, until, ...rest } = wish.peek();
    const query = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== ''));
    // Days as the supervisor's own calendar has them, the last one included.
    if (from) query.set('from', String(new Date(`${from}T00:00`).getTime()));
    if (until) query.set('until', String(new Date(new Date(`${until}T00:00`).setHours(24)).getTime()));
    if (before !== null) query.set('before', String(before));
    try {
      const page = /** @type {RecordingList} */ (await call('GET', `/recordings?${query}`));
      const known = before === null ? null : list.peek();
      list.value = known ? { chats: [...known.chats, ...page.chats], names: { ...known.names, ...page.names }, next: page.next } : page;
      failed.value = null;
    } catch (error) {
      failed.value = codeOf(error);
    }
  };
  useEffect(() => void load(), []);
  const set = (/** @type {keyof typeof EMPTY} */ name) => (/** @type {any} */ event) => {
    wish.value = { ...wish.value, [name]: event.currentTarget.value };
    if (name !== 'text') void load();
  };
  const search = (/** @type {Event} */ event) => {
    event.preventDefault();
    void load();
  };
  const choice = (/** @type {'campaign' | 'agent' | 'reason' | 'score'} */ name, /** @type {string} */ label, /** @type {[string | number, string][]} */ options) => html`<div class="field"><label for="${id}-${name}">${label}</label>
    <select id="${id}-${name}" class="input" value=${wish.value[name]} onChange=${set(name)}><option value="">${w.all}</option>${options.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select></div>`;
  const day = (/** @type {'from' | 'until'} */ name, /** @type {string} */ label) => html`<div class="field"><label for="${id}-${name}">${label}</label><input id="${id}-${name}" class="input" type="date" value=${wish.value[name]} onChange=${set(name)} /></div>`;
  const found = list.value;
  return html`<div class="floor-body"><h1 class="hidden">${w.title}</h1>
    <form class="finder" role="search" onSubmit=${search}>
      <div class="field finder-text"><label for="${id}-text">${w.text}</label><input id="${id}-text" class="input" type="search" placeholder=${w.textHint} value=${wish.value.text} onInput=${set('text')} /></div>
      ${choice('campaign', w.campaign, [...cards.value.keys()].map(campaign => [campaign, campaignName(campaign)]))}
      ${choice('agent', w.agent, [...agents.value.values()].map(({ agent, name }) => [agent, name]))}
      ${day('from', w.from)}${day('until', w.until)}
      ${choice('reason', w.reason, REASONS.map(reason => [reason, words.value.gone(reason)]))}
      ${choice('score', w.score, [5, 4, 3, 2, 1].map(n => [n, w.stars(n)]))}
      <button type="submit" class="button primary"><${Icon} name="search" />${w.find}</button>
    </form>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${found === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>` : found.chats.length === 0 ? html`<p class="muted" role="status">${w.none}</p>` : html`
      <div class="table-frame" tabindex="0" role="region" aria-label=${w.title}><table class="table"><thead><tr><th scope="col">${w.visitor}</th><th scope="col">${w.when}</th><th scope="col">${w.campaign}</th><th scope="col">${w.agent}</th><th scope="col">${w.reason}</th><th scope="col" class="figure">${w.length}</th><th scope="col" class="figure">${w.score}</th></tr></thead>
        <tbody>${found.chats.map(chat => html`<tr key=${chat.chat}><th scope="row"><button type="button" class="link-button" onClick=${() => (open.value = chat.chat)}>${nameOf(chat)}</button></th>
          <td class="small"><time dateTime=${new Date(chat.requested_at).toISOString()}>${fullTime(chat.requested_at)}</time></td><td>${campaignName(chat.campaign)}</td><td>${chat.agent == null ? '' : found.names[chat.agent] ?? agentName(chat.agent)}</td>
          <td>${words.value.gone(chat.closing.reason)}</td><td class="figure">${span(secondsBetween(chat.requested_at, chat.closing.at))}</td><td class="figure">${chat.feedback ? chat.feedback.score : ''}</td></tr>`)}</tbody></table></div>
      ${found.next !== null && html`<p class="row-actions"><button type="button" class="button" onClick=${() => void load(found.next)}>${w.older}</button></p>`}`}
    ${open.value && html`<${Reading} key=${open.value} chat=${open.value} />`}
  </div>`;
}

/** @param {ChatSummary} chat */
const nameOf = chat => (chat.erased_at ? words.value.recordings.erased : chat.facts.name?.trim() || words.value.visitor.unnamed);

/** @param {{ chat: string }} props */
function Reading({ chat }) {
  const w = words.value.recordings;
  const whole = useSignal(/** @type {Recording | null} */ (null));
  const messages = useSignal(/** @type {Message[]} */ ([]));
  const failed = useSignal(/** @type {string | null} */ (null));
  useEffect(() => {
    (async () => {
      try {
        /** @type {Message[]} */
        let said = [];
        const recording = /** @type {Recording} */ (await call('GET', `/recordings/${chat}`));
        while ((said.at(-1)?.number ?? 0) < recording.last) {
          const page = await call('GET', `/recordings/${chat}/messages?after=${said.at(-1)?.number ?? 0}`);
          if (page.messages.length === 0) break;
          said = [...said, ...page.messages];
        }
        messages.value = said;
        whole.value = recording;
      } catch (error) {
        failed.value = codeOf(error);
      }
    })();
  }, [chat]);
  const shut = () => (open.value = null);
  const it = whole.value;
  if (!it) return html`<${Dialog} title=${w.chat(chat)} wide=${true} onClose=${shut}><div class="past">${failed.value ? html`<p class="callout bad">${words.value.refusal(failed.value)}</p>` : html`<p class="muted">${words.value.common.loading}</p>`}</div></${Dialog}>`;
  const name = (/** @type {number} */ agent) => it.names[agent] ?? agentName(agent);
  const { facts, closing } = it;
  const stay = (/** @type {{ from: number, until: number | null }} */ s) => `${timeOfDay(s.from)} – ${timeOfDay(s.until ?? closing.at)}`;
  return html`<${Dialog} title=${nameOf(it)} wide=${true} onClose=${shut}><div class="past" tabindex="0" role="region" aria-label=${w.chat(chat)}>
    <dl class="told">
      ${row(w.number, it.chat)}${row(w.campaign, campaignName(it.campaign))}${row(w.when, fullTime(it.requested_at))}${row(words.value.facts.email, facts.email)}${row(words.value.facts.extra, facts.extra)}${row(words.value.facts.page, facts.page)}
      ${row(w.waited, it.answered_at == null ? w.unanswered : span(secondsBetween(it.requested_at, it.answered_at)))}${row(w.reason, words.value.gone(closing.reason))}${row(words.value.closing.disposition, closing.disposition?.join(' › '))}
      ${row(w.feedback, it.feedback && `${w.stars(it.feedback.score)}${it.feedback.note ? ` · ${it.feedback.note}` : ''}`)}
    </dl>
    ${it.segments.length > 0 && html`<h3>${w.segments}</h3><ul class="told-list">${it.segments.map(s => html`<li><strong>${name(s.agent)}</strong> <span class="muted figure">${stay(s)}</span>${s.how == null && html` <span class="tag">${w.guest}</span>`}</li>`)}</ul>`}
    ${it.calls?.length && html`<h3>${w.calls}</h3><ul class="told-list">${it.calls.map(c => html`<li><strong>${w.call(c.video)}</strong> ${w.asked(c.from_visitor ? nameOf(it) : name(c.agent ?? 0))} <span class="muted figure">${timeOfDay(c.asked_at)}</span> ${c.accepted_at == null || c.ended_at == null ? html`<span class="tag">${w.missed}</span>` : html`· ${w.accepted(c.from_visitor ? name(c.agent ?? 0) : nameOf(it))} <span class="muted figure">${timeOfDay(c.accepted_at)} – ${timeOfDay(c.ended_at)}</span> · ${w.lasted(span(secondsBetween(c.accepted_at, c.ended_at)))}`}</li>`)}</ul>`}
    <h3>${w.messages}</h3>
    ${messages.value.length === 0 ? html`<p class="muted">${it.erased_at ? w.erasedText : words.value.chat.noMessages}</p>`
      : html`<ol class="past-lines">${woven(messages.value, it.notes).map(line => html`<li class=${line.kind}><span class="stamp">${timeOfDay(line.at)} · ${line.kind === 'visitor' ? nameOf(it) : line.agent != null ? name(line.agent) : w.system}${line.kind === 'note' && html` · <${Icon} name="lock" size=${12} />${words.value.chat.note}`}</span><span class="past-text">${line.text}</span></li>`)}</ol>`}
    ${it.evaluations.length > 0 && html`<h3>${w.quality}</h3>${it.evaluations.map(given => html`<${Answers} given=${given} model=${it.models[given.model]} name=${name} />`)}`}
  </div></${Dialog}>`;
}

/** @param {string} label @param {unknown} value */
const row = (label, value) => value != null && value !== '' && html`<div class="fact"><dt>${label}</dt><dd>${value}</dd></div>`;

/** Messages and notes in the order in which they were written. @param {Message[]} messages @param {Note[]} notes */
function woven(messages, notes) {
  const said = messages.map(m => ({ at: m.at, kind: m.author.kind, agent: m.author.agent ?? null, text: m.text || words.value.chat.system(m.code ?? '') }));
  const noted = notes.map(n => ({ at: n.at, kind: 'note', agent: n.agent, text: n.text }));
  return [...said, ...noted].sort((a, b) => a.at - b.at);
}

/** @param {{ given: Evaluated, model: QualityModel | undefined, name: (agent: number) => string }} props */
function Answers({ given, model, name }) {
  const w = words.value.recordings;
  const questions = model?.categories.flatMap(c => c.questions) ?? [];
  return html`<section class="told-answers"><p><strong>${model?.name ?? `#${given.model}`}</strong> <span class="muted">${w.judged(name(given.evaluator), name(given.agent))}</span> <span class="tag">${given.score ? `${given.score.points} / ${given.score.most}` : w.noScore}</span></p>
    <dl>${questions.map((question, i) => row(question.text, given.answers[i] == null ? '–' : question.answers[given.answers[i]]?.text))}</dl></section>`;
}
