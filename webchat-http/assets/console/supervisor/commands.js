// What a supervisor finds under Ctrl-K: the pages, the chat being watched, the live chats and the agents.

import { route, go } from '../lib/route.js';
import { words } from '../lib/words.js';
import { focusOn } from '../views/focus.js';
import { PAUSES, pauseName } from '../views/top-bar.js';
import { agents, asking, cards, chats, link, nameOf, pauseAgent, resumeAgent, self, watch, watched } from './floor.js';
import { leaving } from './agents.js';
import { PAGES } from './page.js';
import { WHISPER, open, stopWatching } from './watch.js';

/** Of thousands of chats and agents, so many that fit are offered. */
const MOST = 20;

/** @typedef {(group: string, icon: import('../views/icons.js').IconName, text: string, run: () => void, hint?: string) => void} Add */

/** @param {(text: string) => boolean} fits what is looked for @param {Add} add */
export function supervision(fits, add) {
  const w = words.value.floor;
  if (link.state.value === 'online' && self.value != null) {
    watchedChat(add);
  }
  // Chats and agents are too many to be offered before something is looked for.
  if (link.state.value === 'online' && self.value != null && !fits('')) {
    someThatFit(chats.values(), chat => fits(`${w.live.watchName(nameOf(chat))} ${w.tab}`), chat => {
      add(w.tab, 'eye', w.live.watchName(nameOf(chat)), () => {
        go('floor/chats');
        void watch(chat);
      }, chat.chat);
    });
    const here = [...agents.value.values()].filter(row => row.state !== 'signed_out');
    someThatFit(here, row => fits(`${row.name} ${w.people.pause} ${w.people.resume} ${w.people.signOut} ${PAUSES.map(pauseName).join(' ')} ${w.tab}`), row => {
      for (const reason of PAUSES) add(w.tab, 'pause', `${w.people.pauseName(row.name)}: ${pauseName(reason)}`, () => void pauseAgent(row.agent, reason));
      if (row.state === 'paused') add(w.tab, 'circleCheck', w.people.resumeName(row.name), () => void resumeAgent(row.agent));
      add(w.tab, 'door', `${w.people.signOutName(row.name)}…`, () => {
        go('floor/agents');
        leaving.value = row;
      });
    });
  }
  for (const name of PAGES) add(w.tab, 'eye', w[name], () => go(`floor/${name}`));
  for (const card of cards.value.values()) {
    add(w.tab, 'search', w.card.whyTitle(card.name), () => {
      go('floor/wallboard');
      asking.value = { campaign: card.campaign };
    });
    add(w.tab, 'users', w.card.membersTitle(card.name), () => go(`floor/members/${card.campaign}`));
  }
}

/** @param {Add} add */
function watchedChat(add) {
  const now = watched.value;
  if (!now || now.over) return;
  const w = words.value.floor;
  const name = nameOf(now.row);
  /** @param {import('../views/icons.js').IconName} icon @param {string} text @param {() => void} run */
  const act = (icon, text, run) => add(w.watch.label(name), icon, `${text}: ${name}`, () => {
    go('floor/chats');
    run();
  });
  if (route.value[1] === 'chats') act('lock', w.watch.whisper, () => focusOn(WHISPER));
  if (now.row.agent !== self.value) act('user', w.watch.takeOver, () => (open.value = 'take_over'));
  act('transfer', w.watch.transfer, () => (open.value = 'transfer'));
  act('stop', w.watch.end, () => (open.value = 'end_chat'));
  act('search', w.live.why, () => (asking.value = { chat: now.row.chat }));
  act('close', w.watch.stop, stopWatching);
}

/**
 * The first that fit.
 * @template T
 * @param {Iterable<T>} all
 * @param {(one: T) => boolean} fits
 * @param {(one: T) => void} show
 */
function someThatFit(all, fits, show) {
  let left = MOST;
  for (const one of all) {
    if (!fits(one)) continue;
    show(one);
    if (--left === 0) return;
  }
}
