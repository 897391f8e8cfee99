// Ctrl-K: everything the desk can do, by typing. What is most pressing comes first, so Ctrl-K Enter answers an offer.

import { html, useId, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { LANGUAGES, nameOf as languageName, speak, words } from '../lib/words.js';
import { setSound, sound } from '../lib/alerts.js';
import { go } from '../lib/route.js';
import { setTheme, theme } from '../lib/theme.js';
import { accept, campaigns, current, ended, factsShown, layout, link, me, mine, nameOf, offers, owns, pause, pick, refuse, resumeWork, setFacts, setLayout, setOnCall, take, waiting } from '../desk/desk.js';
import { saveTranscript } from '../desk/transcript.js';
import { isAdministrator, isAgent, isSupervisor } from '../desk/session.js';
import { supervision } from '../supervisor/commands.js';
import { Dialog, dialog, shutDialog } from './dialog.js';
import { focusChat, focusWhenGiven } from './focus.js';
import { Icon } from './icons.js';
import { PAUSES, askToLeave, pauseName } from './top-bar.js';

const SHOWN = 60;

/** @typedef {{ text: string, group: string, icon: import('./icons.js').IconName, hint?: string, run: () => void }} Command */

/** Opens the palette on Ctrl-K (or Cmd-K), wherever the keyboard is. */
export function listenForPalette() {
  addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    dialog.value = dialog.peek()?.kind === 'palette' ? null : { kind: 'palette' };
  });
}

/** @param {(text: string) => boolean} fits what is looked for @returns {Command[]} in the order of how pressing they are */
function commands(fits) {
  const w = words.value;
  const c = w.command;
  /** @type {Command[]} */
  const all = [];
  const add = (/** @type {string} */ group, /** @type {Command['icon']} */ icon, /** @type {string} */ text, /** @type {() => void} */ run, hint = '') => all.push({ group, icon, text, run, hint });
  const show = (/** @type {string} */ id) => {
    go('desk');
    pick(id);
    focusChat(id);
  };
  if (isAgent.value && link.state.value === 'online') {
    for (const chat of offers.value) {
      add(c.offers, 'check', c.accept(nameOf(chat)), () => {
        go('desk');
        void focusWhenGiven(chat.id, accept(chat.id));
      });
      add(c.offers, 'close', c.refuse(nameOf(chat)), () => void refuse(chat.id));
    }
    const chat = current.value;
    if (chat && !chat.ended.value && mine.value.includes(chat)) {
      const name = nameOf(chat);
      add(c.thisChat, 'chat', c.reply(name), () => {
        chat.edit({ mode: 'reply' });
        show(chat.id);
      });
      add(c.thisChat, 'lock', c.note(name), () => {
        chat.edit({ mode: 'note' });
        show(chat.id);
      });
      if (owns(chat)) {
        add(c.thisChat, 'transfer', c.transfer(name), () => (dialog.value = { kind: 'transfer', chat: chat.id }));
        add(c.thisChat, 'users', c.invite(name), () => (dialog.value = { kind: 'invite', chat: chat.id }));
        add(c.thisChat, 'stop', c.close(name), () => (dialog.value = { kind: 'close', chat: chat.id }));
      }
    }
  }
  if (isAgent.value) {
    const front = current.value;
    if (front && front.messages.value.length > 0) add(c.thisChat, 'down', c.transcript(nameOf(front)), () => saveTranscript(front));
    for (const chat of mine.value) add(c.chats, 'chats', c.go(nameOf(chat)), () => show(chat.id), chat.unread.value > 0 ? w.chat.unread(chat.unread.value) : '');
    for (const campaign of campaigns.value) {
      for (const view of waiting.value.get(campaign.campaign)?.chats ?? []) {
        if (view.phase.kind !== 'waiting') continue;
        add(c.waiting, 'inbox', c.take(view.visitor.name?.trim() || w.visitor.unnamed), () => {
          go('desk');
          void focusWhenGiven(view.chat, take(view.chat));
        }, campaign.name);
      }
    }
    const mineNow = me.value;
    if (mineNow && link.state.value === 'online') {
      if (mineNow.paused != null) add(c.state, 'circleCheck', c.available, () => void resumeWork());
      else for (const reason of PAUSES) add(c.state, 'pause', c.pause(pauseName(reason)), () => void pause(reason));
      add(c.state, 'phone', mineNow.on_call ? c.offCall : c.onCall, () => void setOnCall(!mineNow.on_call));
    }
    add(c.view, layout.value === 'one' ? 'columns' : 'single', layout.value === 'one' ? c.side : c.one, () => setLayout(layout.value === 'one' ? 'side' : 'one'));
    add(c.view, 'panel', factsShown.value ? c.hideFacts : c.showFacts, () => setFacts(!factsShown.value));
    for (const chat of ended.value) add(c.ended, 'stop', c.go(nameOf(chat)), () => show(chat.id), w.gone(chat.ended.value ?? ''));
    add(c.view, 'inbox', w.nav.desk, () => go('desk'));
  }
  if (isSupervisor.value) supervision(fits, add);
  if (isAdministrator.value) {
    add(c.view, 'chat', w.nav.campaigns, () => go('campaigns'));
    add(c.view, 'circleCheck', w.nav.quality, () => go('quality'));
    add(c.view, 'users', w.nav.users, () => go('users'));
    add(c.view, 'gear', w.nav.tenant, () => go('tenant'));
    add(c.view, 'inbox', w.nav.mail, () => go('mail'));
    add(c.view, 'plug', w.nav.webhooks, () => go('webhooks'));
  }
  if (isSupervisor.value) add(c.view, 'send', w.nav.canned, () => go('canned'));
  add(c.view, 'bell', sound.value ? c.soundOff : c.soundOn, () => setSound(!sound.value));
  add(c.view, 'sun', theme.value === 'dark' ? c.light : c.dark, () => setTheme(theme.value === 'dark' ? 'light' : 'dark'));
  for (const tag of LANGUAGES) add(c.view, 'globe', languageName(tag), () => speak(tag));
  add(c.view, 'door', w.signOut.go, () => void askToLeave());
  return all;
}

/** @param {string} text @returns {string} without case and accents */
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

export function Palette() {
  const w = words.value.palette;
  const query = useSignal('');
  const at = useSignal(0);
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const id = useId();
  const needles = plain(query.value).split(/\s+/).filter(Boolean);
  const fits = (/** @type {string} */ text) => {
    const searched = plain(text);
    return needles.every(n => searched.includes(n));
  };
  const shown = commands(fits).filter(c => fits(`${c.text} ${c.hint ?? ''} ${c.group}`)).slice(0, SHOWN);
  const active = Math.min(at.value, shown.length - 1);
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active, query.value]);
  const run = (/** @type {Command | undefined} */ command) => {
    if (!command) return;
    shutDialog();
    command.run();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') run(shown[active]);
    else if (event.key === 'ArrowDown') at.value = (active + 1) % Math.max(1, shown.length);
    else if (event.key === 'ArrowUp') at.value = (active - 1 + shown.length) % Math.max(1, shown.length);
    else return;
    event.preventDefault();
  };
  const onInput = (/** @type {any} */ event) => {
    query.value = event.currentTarget.value;
    at.value = 0;
  };
  return html`<${Dialog} title=${w.title} class="palette" bare=${true}>
    <div class="palette-field"><${Icon} name="search" />
      <input class="palette-input" autofocus role="combobox" aria-expanded="true" aria-controls=${id} aria-autocomplete="list" aria-label=${w.title}
        aria-activedescendant=${shown.length ? `${id}-${active}` : undefined} placeholder=${w.placeholder} value=${query.value} onInput=${onInput} onKeyDown=${onKeyDown} /></div>
    <div ref=${list} id=${id} class="palette-list" role="listbox" aria-label=${w.title} tabindex="-1">
      ${shown.map((command, i) => html`
        ${command.group !== shown[i - 1]?.group && html`<div class="palette-group" role="presentation">${command.group}</div>`}
        <div id=${`${id}-${i}`} class="palette-item" role="option" aria-selected=${i === active} onClick=${() => run(command)} onPointerMove=${() => (at.value = i)}>
          <${Icon} name=${command.icon} /><span class="clip">${command.text}</span>${command.hint && html`<span class="muted small clip">${command.hint}</span>`}</div>`)}
      ${shown.length === 0 && html`<p class="rail-empty" role="presentation">${w.none}</p>`}
    </div>
    <footer class="palette-foot muted"><span><kbd>↑</kbd><kbd>↓</kbd> ${w.move}</span><span><kbd>Enter</kbd> ${w.run}</span><span><kbd>Esc</kbd> ${w.shut}</span></footer>
  </${Dialog}>`;
}
