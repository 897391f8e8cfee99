// The bar on top: where one is, the command palette, the connection, the agent's state, settings.

import { html } from '../vendor/preact.js';
import { LANGUAGES, language, nameOf, speak, words } from '../lib/words.js';
import { desktop, notice, setDesktop, setSound, sound } from '../lib/alerts.js';
import { THEMES, setTheme, theme } from '../lib/theme.js';
import { leaveDesk, link, me, mine, pause, resumeWork, setOnCall, unread } from '../desk/desk.js';
import { isAdministrator, isAgent, isSupervisor, user } from '../desk/session.js';
import { standing } from '../supervisor/floor.js';
import { route } from '../lib/route.js';
import { dialog } from './dialog.js';
import { Icon } from './icons.js';
import { Menu } from './menu.js';

/** The reasons an agent may pick; the server keeps them as they are written here. */
export const PAUSES = /** @type {const} */ (['break', 'lunch', 'meeting', 'training', 'paperwork']);

export function TopBar() {
  const w = words.value;
  const at = route.value[0] ?? (isAgent.value ? 'desk' : 'campaigns');
  const page = at === 'tenant' ? 'campaigns' : at;
  const tab = (/** @type {string} */ id, /** @type {string} */ label, /** @type {import('./icons.js').IconName} */ icon, count = 0) =>
    html`<a class="tab" href=${`#/${id}`} aria-current=${page === id ? 'page' : undefined} title=${label}><${Icon} name=${icon} /><span class="tab-word">${label}</span>${count > 0 && html`<span class="count">${count}</span>`}</a>`;
  return html`<header class="top-bar">
    <div class="brand"><span class="brand-mark"><${Icon} name="chats" size=${18} /></span><span class="brand-name">Webchat</span></div>
    <nav class="tabs ${isAdministrator.value ? 'many' : ''}" aria-label=${w.nav.label}>
      ${isAgent.value && tab('desk', w.nav.desk, 'inbox', unread.value)}
      ${isSupervisor.value && tab('floor', w.floor.tab, 'eye', standing.value)}
      ${isAdministrator.value && tab('campaigns', w.nav.campaigns, 'chat')}
      ${isSupervisor.value && tab('canned', w.nav.canned, 'send')}
      ${isAdministrator.value && html`${tab('quality', w.nav.quality, 'circleCheck')}${tab('users', w.nav.users, 'users')}${tab('mail', w.nav.mail, 'inbox')}${tab('webhooks', w.nav.webhooks, 'plug')}`}
    </nav>
    <button type="button" class="palette-button" title=${w.palette.open} aria-keyshortcuts="Control+K" onClick=${() => (dialog.value = { kind: 'palette' })}>
      <${Icon} name="search" /><span>${w.palette.open}</span><kbd>Ctrl K</kbd>
    </button>
    <div class="top-right">
      ${isAgent.value && html`<${Connection} /><${StateSwitch} />`}
      <${Settings} />
      <${Person} />
    </div>
  </header>`;
}

function Connection() {
  const w = words.value.link;
  const state = link.state.value;
  if (state === 'online') return null;
  return html`<span class="chip warn"><${Icon} name="unplug" />${state === 'connecting' ? w.connecting : state === 'stopped' ? w.stopped : w.waiting}</span>`;
}

/** @param {string} reason */
export const pauseName = reason => (reason === 'other' ? reason : words.value.pauses[/** @type {typeof PAUSES[number] | 'lapsed_offers'} */ (reason)] ?? reason);

function StateSwitch() {
  const w = words.value.state;
  const mine = me.value;
  if (!mine) return null;
  const paused = mine.paused;
  const face = paused != null ? { kind: 'paused', icon: /** @type {const} */ ('pause'), text: `${w.paused} · ${pauseName(paused)}` }
    : mine.on_call ? { kind: 'call', icon: /** @type {const} */ ('phone'), text: w.onCall }
    : { kind: 'available', icon: /** @type {const} */ ('circleCheck'), text: w.available };
  const label = html`<${Icon} name=${face.icon} /><span class="clip">${face.text}</span><${Icon} name="down" size=${12} />`;
  const items = [
    { label: w.available, checked: paused == null, pick: () => void (paused != null && resumeWork()) },
    ...PAUSES.map(reason => ({ label: pauseName(reason), group: w.pause, checked: paused === reason, pick: () => void pause(reason) })),
    { label: words.value.pauses.other, group: w.pause, checked: paused != null && !PAUSES.includes(/** @type {any} */ (paused)), pick: () => void (dialog.value = { kind: 'pause' }) },
    { label: w.onCall, group: w.phone, several: true, checked: mine.on_call, pick: () => void setOnCall(!mine.on_call) },
  ];
  return html`<${Menu} class="state ${face.kind}" name=${`${w.label}: ${face.text}`} label=${label} items=${items} disabled=${link.state.value !== 'online'} />`;
}

function Settings() {
  const w = words.value.settings;
  const items = [
    { label: w.sound, group: w.alerts, several: true, stay: true, checked: sound.value, pick: () => setSound(!sound.value) },
    { label: w.desktop, group: w.alerts, several: true, stay: true, checked: desktop.value, pick: async () => {
      if (!(await setDesktop(!desktop.value))) notice('bad', w.desktopDenied);
    } },
    ...THEMES.map(id => ({ label: w.themes[id], group: w.theme, stay: true, checked: theme.value === id, pick: () => setTheme(id) })),
    ...LANGUAGES.map(tag => ({ label: nameOf(tag), group: w.language, stay: true, checked: language.value === tag, pick: () => speak(tag) })),
  ];
  return html`<${Menu} class="plain square" name=${w.label} label=${html`<${Icon} name="gear" />`} items=${items} />`;
}

function Person() {
  const w = words.value;
  const person = user.value;
  if (!person) return null;
  const group = `${person.name} · ${w.roles[person.role]}`;
  const items = [
    { label: w.sessions.title, icon: /** @type {const} */ ('lock'), group, pick: () => void (dialog.value = { kind: 'sessions' }) },
    { label: w.signOut.go, icon: /** @type {const} */ ('door'), group, pick: () => void askToLeave() },
  ];
  return html`<${Menu} class="plain" name=${`${person.name}, ${w.roles[person.role]}`}
    label=${html`<${Icon} name="user" /><span class="clip person-name">${person.name}</span>`} items=${items} />`;
}

/** Signing out asks first when chats would go back to the queue. */
export function askToLeave() {
  if (mine.value.length > 0) dialog.value = { kind: 'sign_out' };
  else void leaveDesk();
}
