// Why: what the engine says about a chat or a newcomer, the agents it could choose from, and why not each other one.

/** @import { Candidate, Why, WhyOutcome } from '../types.js' */

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { timeOfDay } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Icon } from '../views/icons.js';
import { agentName, asking, campaignName, chats, explain, nameOf } from './floor.js';

/** @param {{ about: { chat: string, agent?: number } | { campaign: number, agent?: number } }} props */
export function WhyDrawer({ about }) {
  const w = words.value.floor.why;
  const why = useSignal(/** @type {Why | null} */ (null));
  const failed = useSignal(false);
  const shut = () => (asking.value = null);
  useEffect(() => {
    void explain('chat' in about ? about : { campaign: about.campaign }).then(answer => {
      why.value = answer;
      failed.value = answer === null;
      if (answer === null) shut();
    });
  }, []);
  const chat = 'chat' in about ? chats.get(about.chat) : null;
  const title = 'campaign' in about ? w.campaign(campaignName(about.campaign)) : w.chat(chat ? nameOf(chat) : about.chat);
  const said = why.value;
  const { mode = '', order = '' } = said?.explanation.strategy ?? {};
  const { choices } = words.value.campaign;
  return html`<${Dialog} title=${title} wide class="drawer" onClose=${shut}><div class="why">
    ${!said ? html`<p class="muted">${words.value.common.loading}</p>` : html`
      <ul class="outcome">${sentences(said.explanation.outcome).map(text => html`<li><${Icon} name="right" size=${14} />${text}</li>`)}</ul>
      <dl class="counts strategy"><div><dt>${w.mode}</dt><dd>${choices.mode?.[mode] ?? mode}</dd></div><div><dt>${w.order}</dt><dd>${choices.order?.[order] ?? order}</dd></div></dl>
      <dl class="counts"><${Admission} outcome=${said.explanation.outcome} /></dl>
      ${said.explanation.candidates && html`<h3>${w.agents} · ${w.eligible(said.explanation.candidates.eligible, said.explanation.candidates.members)}</h3>
        <${Candidates} all=${said.explanation.candidates.listed} marked=${about.agent ?? null} />`}`}
  </div></${Dialog}>`;
}

/** @param {WhyOutcome} outcome @returns {string[]} */
function sentences(outcome) {
  const w = words.value.floor.why.outcome;
  switch (outcome.kind) {
    case 'refused': return [w.refused(outcome.reason)];
    case 'admitted': return [outcome.at_once ? w.atOnce : w.admitted];
    case 'waiting': return [w[outcome.because.kind], w.position(outcome.position)];
    case 'offered': return [w.offered(agentName(outcome.agent))];
    case 'with_agent': return outcome.to ? [w.withAgent(agentName(outcome.agent)), w.to] : [w.withAgent(agentName(outcome.agent))];
    default: return [];
  }
}

/** @param {{ outcome: WhyOutcome }} props */
function Admission({ outcome }) {
  const w = words.value.floor.why.admission;
  if (outcome.kind !== 'refused' && outcome.kind !== 'admitted') return null;
  const { enabled, open, signed_in, waiting, max_chats } = outcome.admission;
  const most = typeof max_chats === 'object' && max_chats !== null ? Object.values(max_chats)[0] : max_chats === 'no_waiting' ? 0 : w.unlimited;
  const rows = [[w.enabled, enabled ? w.yes : w.no], [w.open, open ? w.yes : w.no], [w.signedIn, signed_in], [w.waiting, waiting], [w.max, most]];
  return html`${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd class="figure">${value}</dd></div>`)}`;
}

/** @param {{ all: Candidate[], marked: number | null }} props */
function Candidates({ all, marked }) {
  const w = words.value.floor.why;
  const word = words.value.floor.whyNot;
  return html`<div class="table-frame" tabindex="0" role="region" aria-label=${w.agents}><table class="table"><thead><tr><th scope="col" class="figure">${w.rank}</th><th scope="col">${w.agent}</th><th scope="col">${w.verdict}</th><th scope="col" class="figure">${w.load}</th><th scope="col" class="figure">${w.loadAnywhere}</th><th scope="col" class="figure">${w.penalty}</th><th scope="col" class="figure">${w.today}</th><th scope="col">${w.served}</th></tr></thead>
    <tbody>${all.map(c => html`<tr class=${c.agent === marked ? 'marked' : ''} aria-current=${c.agent === marked ? 'true' : undefined}><td class="figure">${c.rank ?? (c.why_not == null ? w.chance : '')}</td><th scope="row">${agentName(c.agent)}</th>
      <td><span class="status ${c.why_not == null ? 'open' : 'closed'}"><${Icon} name=${c.why_not == null ? 'circleCheck' : 'stop'} size=${14} />${c.why_not == null ? w.yes : word(c.why_not)}</span></td>
      <td class="figure">${c.load}</td><td class="figure">${c.load_anywhere}</td><td class="figure">${c.penalty}</td><td class="figure">${c.answered_today}</td><td class="muted">${c.last_served == null ? w.never : timeOfDay(c.last_served)}</td></tr>`)}</tbody></table></div>`;
}
