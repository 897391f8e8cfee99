// What the visitor in front wrote in earlier chats.

/** @import { Chat } from '../desk/chat.js' */
/** @import { EarlierChat, Message } from '../types.js' */

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { fullTime, timeOfDay } from '../lib/clock.js';
import { codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { agentName, campaignOf, link } from '../desk/desk.js';
import { Dialog, dialog } from './dialog.js';
import { Said } from './file.js';

/** @param {{ chat: Chat }} props */
export function Earlier({ chat }) {
  const w = words.value.earlier;
  const chats = useSignal(/** @type {EarlierChat[] | null} */ (null));
  const online = link.state.value === 'online';
  useEffect(() => {
    if (!online || chat.ended.peek() || chats.peek()) return;
    link.ask('earlier', { chat: chat.id }).then(answer => (chats.value = answer.chats), () => {
      // Refused while it is only offered; the list is a help, not a must.
    });
  }, [chat.id, online]);
  if (!chats.value) return null;
  return html`<h3>${w.title}</h3>
    ${chats.value.length === 0 ? html`<p class="muted">${w.none}</p>` : html`<ul class="earlier">${chats.value.map(past => html`<li key=${past.chat}>
      <button type="button" class="earlier-row" disabled=${!online || Boolean(chat.ended.value)} onClick=${() => (dialog.value = { kind: 'earlier', chat: chat.id, earlier: past })}>
        <span class="figure">${fullTime(past.requested_at)}</span><span class="muted clip">${about(past)}</span></button></li>`)}</ul>`}`;
}

/** @param {EarlierChat} past */
function about(past) {
  const w = words.value;
  const parts = [campaignOf(past.campaign)?.name, agentName(past.agent), past.disposition?.join(' › ') ?? (past.reason && w.gone(past.reason)), past.score != null && w.earlier.score(past.score)];
  return parts.filter(Boolean).join(' · ');
}

/** @param {{ chat: string, earlier: EarlierChat }} props */
export function EarlierDialog({ chat, earlier }) {
  const w = words.value.earlier;
  const messages = useSignal(/** @type {Message[] | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  useEffect(() => {
    (async () => {
      try {
        /** @type {Message[]} */
        let all = [];
        for (let more = true; more; ) {
          const page = await link.ask('earlier_history', { chat, earlier: earlier.chat, after: all.at(-1)?.number ?? 0 });
          all = [...all, ...page.messages];
          more = page.messages.length > 0 && (all.at(-1)?.number ?? 0) < page.last;
        }
        messages.value = all;
      } catch (error) {
        failed.value = codeOf(error);
      }
    })();
  }, [earlier.chat]);
  return html`<${Dialog} title=${w.of(fullTime(earlier.requested_at))} wide=${true}>
    <div class="past" tabindex="0" role="region" aria-label=${w.of(fullTime(earlier.requested_at))}>
      <p class="muted">${about(earlier)}</p>
      ${failed.value && html`<p class="callout bad">${words.value.refusal(failed.value)}</p>`}
      ${messages.value === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>`
        : messages.value.length === 0 ? html`<p class="muted">${words.value.chat.noMessages}</p>`
        : html`<ol class="past-lines">${messages.value.map(m => html`<li key=${m.number} class=${m.author.kind}><span class="stamp">${timeOfDay(m.at)} · ${who(m)}</span><span class="past-text">${m.text ? html`<${Said} chat=${earlier.chat} message=${m} />` : words.value.chat.system(m.code ?? '')}</span></li>`)}</ol>`}
    </div>
  </${Dialog}>`;
}

/** @param {Message} message */
function who({ author }) {
  if (author.kind === 'visitor') return words.value.visitor.unnamed;
  if (author.kind === 'agent') return author.name ?? agentName(author.agent ?? null) ?? '';
  return words.value.chat.bot;
}
