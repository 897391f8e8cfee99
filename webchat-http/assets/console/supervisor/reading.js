// One recording told whole: what was said, as it was said, who had it, and what was thought of it.

/** @import { ChatSummary, Evaluated, QualityModel, Recording, Message, Note } from '../types.js' */

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { isAdministrator, user } from '../desk/session.js';
import { fullTime, secondsBetween, span, timeOfDay } from '../lib/clock.js';
import { codeOf } from '../lib/refusal.js';
import { call } from '../lib/rest.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Said } from '../views/file.js';
import { Icon } from '../views/icons.js';
import { Erasing } from './erasing.js';
import { agentName, campaignName } from './floor.js';
import { Judging } from './judging.js';
import { Course, Replay } from './replay.js';

/** @param {ChatSummary} chat */
export const nameOf = chat => (chat.erased_at ? words.value.recordings.erased : chat.facts.name?.trim() || words.value.visitor.unnamed);

/** @param {{ chat: string, onClose: () => void, onChange: () => void }} props */
export function Reading({ chat, onClose, onChange }) {
  const w = words.value.recordings;
  const r = words.value.reading;
  const whole = useSignal(/** @type {Recording | null} */ (null));
  const messages = useSignal(/** @type {Message[]} */ ([]));
  const failed = useSignal(/** @type {string | null} */ (null));
  const doing = useSignal(/** @type {'judging' | 'erasing' | null} */ (null));
  const load = async () => {
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
  };
  useEffect(() => void load(), [chat]);
  const it = whole.value;
  if (!it) return html`<${Dialog} title=${w.chat(chat)} wide=${true} onClose=${onClose}><div class="past">${failed.value ? html`<p class="callout bad">${words.value.refusal(failed.value)}</p>` : html`<p class="muted">${words.value.common.loading}</p>`}</div></${Dialog}>`;
  const name = (/** @type {number} */ agent) => it.names[agent] ?? agentName(agent);
  const { facts, closing } = it;
  const stay = (/** @type {{ from: number, until: number | null }} */ s) => `${timeOfDay(s.from)} – ${timeOfDay(s.until ?? closing.at)}`;
  const changed = () => {
    doing.value = null;
    onChange();
    void load();
  };
  const people = [...new Set(it.segments.map(s => s.agent))].map(agent => ({ agent, name: name(agent) }));
  const lines = woven(chat, messages.value, it.notes).map(line => ({ ...line, who: line.kind === 'visitor' ? nameOf(it) : line.agent != null ? name(line.agent) : w.system }));
  return html`<${Dialog} title=${nameOf(it)} wide=${true} onClose=${onClose}><div class="past" tabindex="0" role="region" aria-label=${w.chat(chat)}>
    <p class="row-actions reading-actions">
      ${user.value?.agent != null && people.length > 0 && html`<button type="button" class="button" aria-expanded=${doing.value === 'judging'} onClick=${() => (doing.value = doing.value === 'judging' ? null : 'judging')}><${Icon} name="check" size=${14} />${r.evaluate}</button>`}
      ${isAdministrator.value && html`<button type="button" class="button" aria-expanded=${doing.value === 'erasing'} onClick=${() => (doing.value = doing.value === 'erasing' ? null : 'erasing')}>${r.erase}</button>`}</p>
    ${doing.value === 'judging' && html`<${Judging} recording=${it} people=${people} done=${changed} />`}
    ${doing.value === 'erasing' && html`<${Erasing} visitor=${it.visitor} done=${changed} leave=${() => (doing.value = null)} />`}
    <dl class="told">
      ${row(w.number, it.chat)}${row(w.campaign, campaignName(it.campaign))}${row(w.when, fullTime(it.requested_at))}${row(words.value.facts.email, facts.email)}${row(words.value.facts.extra, facts.extra)}${row(words.value.facts.page, facts.page)}
      ${row(w.waited, it.answered_at == null ? w.unanswered : span(secondsBetween(it.requested_at, it.answered_at)))}${row(w.reason, words.value.gone(closing.reason))}${row(words.value.closing.disposition, closing.disposition?.join(' › '))}
      ${row(w.feedback, it.feedback && `${w.stars(it.feedback.score)}${it.feedback.note ? ` · ${it.feedback.note}` : ''}`)}
    </dl>
    ${it.segments.length > 0 && html`<h3>${w.segments}</h3><${Course} recording=${it} /><ul class="told-list">${it.segments.map(s => html`<li><strong>${name(s.agent)}</strong> <span class="muted figure">${stay(s)}</span>${s.how == null && html` <span class="tag">${w.guest}</span>`}</li>`)}</ul>`}
    ${it.calls && it.calls.length > 0 && html`<h3>${w.calls}</h3><ul class="told-list">${it.calls.map(c => html`<li><strong>${w.call(c.video)}</strong> ${w.asked(c.from_visitor ? nameOf(it) : name(c.agent ?? 0))} <span class="muted figure">${timeOfDay(c.asked_at)}</span> ${c.accepted_at == null || c.ended_at == null ? html`<span class="tag">${w.missed}</span>` : html`· ${w.accepted(c.from_visitor ? name(c.agent ?? 0) : nameOf(it))} <span class="muted figure">${timeOfDay(c.accepted_at)} – ${timeOfDay(c.ended_at)}</span> · ${w.lasted(span(secondsBetween(c.accepted_at, c.ended_at)))}`}</li>`)}</ul>`}
    <h3>${w.messages}</h3>
    ${it.erased_at || messages.value.length === 0 ? html`<p class="muted">${it.erased_at ? w.erasedText : words.value.chat.noMessages}</p>` : html`<${Replay} lines=${lines} />`}
    ${it.evaluations.length > 0 && html`<h3>${w.quality}</h3>${it.evaluations.map(given => html`<${Answers} given=${given} model=${it.models[given.model]} name=${name} />`)}`}
  </div></${Dialog}>`;
}

/** @param {string} label @param {unknown} value */
const row = (label, value) => value != null && value !== '' && html`<div class="fact"><dt>${label}</dt><dd>${value}</dd></div>`;

/** Messages and notes in the order in which they were written. @param {string} chat @param {Message[]} messages @param {Note[]} notes */
function woven(chat, messages, notes) {
  const said = messages.map(m => ({ at: m.at, kind: m.author.kind, agent: m.author.agent ?? null, text: m.text ? html`<${Said} chat=${chat} message=${m} />` : words.value.chat.system(m.code ?? '') }));
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
