// What is known of the visitor and of the chat in front.

/** @import { Chat } from '../desk/chat.js' */

import { html } from '../vendor/preact.js';
import { fullTime, secondsBetween, span } from '../lib/clock.js';
import { language, words } from '../lib/words.js';
import { agentName, campaignOf, nameOf, setFacts } from '../desk/desk.js';
import { saveTranscript } from '../desk/transcript.js';
import { Earlier } from './earlier.js';
import { Icon } from './icons.js';
import { place } from './rail.js';

/** @param {{ chat: Chat }} props */
export function Facts({ chat }) {
  const w = words.value.facts;
  const view = chat.view.value;
  const { visitor } = view;
  const campaign = campaignOf(view.campaign);
  const messages = chat.messages.value;
  // The start of this agent's turn is not that of the first one's, when the chat was handed on.
  const joined = messages.find(m => m.code === 'agent_joined' || m.author.kind === 'agent')?.at ?? chat.activeSince.value;
  const answered = messages.find(m => m.author.kind === 'agent' && !m.automatic);
  return html`<aside class="facts" aria-label=${w.label}>
    <header class="facts-head"><h2>${w.label}</h2><button type="button" class="icon-button" aria-label=${w.hide} onClick=${() => setFacts(false)}><${Icon} name="close" /></button></header>
    <div class="facts-name"><strong>${nameOf(chat)}</strong></div>
    <dl>
      ${visitor.identity && fact(w.identity, html`<span class="row-line"><${Icon} name="check" size=${14} />${visitor.identity}</span>`)}
      ${fact(w.email, visitor.email && html`<a href=${`mailto:${visitor.email}`}>${visitor.email}</a>`)}
      ${fact(w.extra, visitor.extra)}
      ${fact(w.language, visitor.language && languageName(visitor.language))}
      ${fact(w.page, page(visitor.page))}
    </dl>
    <h3>${w.chat}</h3>
    <dl>
      ${fact(w.campaign, campaign?.name)}
      ${fact(w.number, html`<span class="figure">${chat.id}</span>`)}
      ${fact(w.requested, fullTime(view.requested_at))}
      ${fact(w.waited, span(secondsBetween(view.requested_at, joined)))}
      ${fact(w.answered, answered && span(secondsBetween(joined, answered.at)))}
      ${fact(w.owner, agentName(view.owner))}
      ${view.participants.length > 1 && fact(w.participants, view.participants.map(id => agentName(id) ?? `#${id}`).join(', '))}
      ${view.priority !== 0 && fact(w.priority, view.priority)}
      ${view.returned && fact(w.history, w.returned)}
    </dl>
    ${messages.length > 0 && html`<button type="button" class="button small" onClick=${() => saveTranscript(chat)}><${Icon} name="down" size=${14} />${w.transcript}</button>`}
    <${Earlier} key=${chat.id} chat=${chat} />
  </aside>`;
}

/** @param {string} name @param {unknown} value */
function fact(name, value) {
  return html`<div class="fact"><dt>${name}</dt><dd>${value == null || value === '' ? html`<span class="muted">${words.value.facts.unknown}</span>` : value}</dd></div>`;
}

/** @param {string | null | undefined} address a link only when it is one a browser may follow */
function page(address) {
  if (!address) return null;
  if (!/^https?:\/\//i.test(address)) return address;
  return html`<a href=${address} target="_blank" rel="noreferrer noopener" title=${address}>${place(address) || address}</a>`;
}

/** @param {string} tag */
function languageName(tag) {
  try {
    return new Intl.DisplayNames([language.value], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
