// The desk: lists on the left, conversations in the middle, the visitor's facts on the right.

import { html } from '../vendor/preact.js';
import { now } from '../lib/clock.js';
import { words } from '../lib/words.js';
import { campaigns, current, factsFloat, factsShown, link, me, mine, resumeWork, sideBySide, takeBack } from '../desk/desk.js';
import { Conversation } from './conversation.js';
import { Facts } from './facts.js';
import { Icon } from './icons.js';
import { Rail } from './rail.js';

export function Desk() {
  const w = words.value;
  if (link.stoppedBy.value === 'elsewhere') return html`<${Elsewhere} />`;
  if (!me.value) return html`<main class="blank" id="main" tabindex="-1"><p class="muted" role="status">${link.state.value === 'waiting' ? w.link.waiting : w.link.connecting}…</p></main>`;
  const chat = current.value;
  const side = sideBySide.value;
  const withFacts = factsShown.value && chat != null;
  return html`<div class="desk ${withFacts ? 'with-facts' : ''} ${factsFloat.value ? 'floating' : ''}">
    <${Rail} />
    <main class="centre" id="main" tabindex="-1">
      <h1 class="hidden">${w.nav.desk}</h1>
      <${Reconnecting} />
      ${side ? html`<div class="columns">${[...mine.value, ...(chat?.ended.value ? [chat] : [])].map(c => html`<${Conversation} key=${c.id} chat=${c} />`)}</div>`
        : chat ? html`<${Conversation} key=${chat.id} chat=${chat} />` : html`<${Empty} />`}
    </main>
    ${withFacts && html`<${Facts} chat=${chat} />`}
  </div>`;
}

function Reconnecting() {
  const w = words.value.link;
  if (link.state.value === 'online') return null;
  now.value;
  const left = Math.max(0, Math.ceil((link.retryAt.value - Date.now()) / 1000));
  return html`<div class="callout warn bar" role="status"><${Icon} name="unplug" /><span>${w.explain}</span><span class="figure" aria-hidden="true">${left > 0 ? w.retryIn(left) : `${w.connecting}…`}</span></div>`;
}

function Elsewhere() {
  const w = words.value.link;
  return html`<main class="blank" id="main" tabindex="-1"><div class="empty"><${Icon} name="unplug" size=${32} /><h1>${w.elsewhere}</h1><p>${w.elsewhereText}</p>
    <button type="button" class="button primary" onClick=${takeBack}>${w.useHere}</button></div></main>`;
}

function Empty() {
  const w = words.value.empty;
  const ready = campaigns.value.filter(c => !c.why_not || c.why_not === 'pull');
  const paused = me.value?.paused != null;
  return html`<div class="blank"><div class="empty">
    <${Icon} name=${paused ? 'pause' : 'inbox'} size=${32} />
    <h2>${paused ? w.paused : mine.value.length > 0 ? w.pick : w.none}</h2>
    <p>${paused ? w.pausedText : ready.length > 0 ? w.ready(ready.length) : w.notReady}</p>
    ${paused && html`<button type="button" class="button primary" onClick=${() => void resumeWork()}><${Icon} name="circleCheck" />${w.resume}</button>`}
    <dl class="keys"><div><dt><kbd>Ctrl</kbd> <kbd>K</kbd></dt><dd>${w.keys.palette}</dd></div><div><dt><kbd>Enter</kbd></dt><dd>${w.keys.send}</dd></div>
      <div><dt><kbd>Shift</kbd> <kbd>Enter</kbd></dt><dd>${w.keys.line}</dd></div><div><dt><kbd>↑</kbd> <kbd>↓</kbd></dt><dd>${w.keys.list}</dd></div></dl>
  </div></div>`;
}
