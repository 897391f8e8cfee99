// What was said in a chat, as a text to keep or to hand on: without notes, which are for colleagues.

/** @import { Chat } from './chat.js' */

import { fullTime } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { agentName, campaignOf, nameOf } from './desk.js';

/** @param {Chat} chat */
function transcript(chat) {
  const w = words.peek();
  const view = chat.view.peek();
  const head = [`${w.facts.chat} ${chat.id} · ${campaignOf(view.campaign)?.name ?? ''}`, `${w.facts.label}: ${nameOf(chat)}${view.visitor.email ? ` <${view.visitor.email}>` : ''}`, `${w.facts.requested}: ${fullTime(view.requested_at)}`];
  const lines = chat.messages.peek().map(({ at, author, text, code }) => {
    const who = { visitor: nameOf(chat), agent: author.name ?? agentName(author.agent) ?? '', bot: w.chat.bot, system: '' }[author.kind];
    return `[${fullTime(at)}] ${who ? `${who}: ` : ''}${text || w.chat.system(code ?? '')}`;
  });
  return `${[...head, '', ...lines].join('\n')}\n`;
}

/** @param {Chat} chat */
export function saveTranscript(chat) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([transcript(chat)], { type: 'text/plain;charset=utf-8' }));
  link.download = `chat-${chat.id}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
