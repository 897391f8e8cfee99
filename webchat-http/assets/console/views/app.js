// The page: sign-in or the console around it, the dialogs, the regions that speak.

import { html, useEffect } from '../vendor/preact.js';
import { dismiss, notices, polite, title, urgent } from '../lib/alerts.js';
import { asked } from '../lib/confirming.js';
import { route } from '../lib/route.js';
import { trouble } from '../lib/trouble.js';
import { words } from '../lib/words.js';
import { isAdministrator, isAgent, isSupervisor, user } from '../desk/session.js';
import { Floor } from '../supervisor/page.js';
import { CloseDialog, InviteDialog, PauseDialog, SignOutDialog, TransferDialog } from './chat-dialogs.js';
import { CampaignEditor } from '../admin/campaign-editor.js';
import { CampaignList } from '../admin/campaign-list.js';
import { Canned } from '../admin/canned.js';
import { Mail } from '../admin/mail.js';
import { Quality } from '../admin/quality.js';
import { Tenant } from '../admin/tenant.js';
import { Seats } from '../admin/seats.js';
import { Users } from '../admin/users.js';
import { Webhooks } from '../admin/webhooks.js';
import { Desk } from './desk.js';
import { EarlierDialog } from './earlier.js';
import { dialog } from './dialog.js';
import { focusOn } from './focus.js';
import { Icon } from './icons.js';
import { Palette } from './palette.js';
import { QualityDialog } from './quality.js';
import { ConfirmDialog, SessionsDialog } from './sessions.js';
import { SignIn } from './sign-in.js';
import { TopBar } from './top-bar.js';

export function App() {
  return html`${user.value === undefined ? null : user.value === null ? html`<${SignIn} />` : html`<${Console} />`}
    <${Notices} />
    <div class="hidden" role="status" aria-live="polite">${polite.value}</div>
    <div class="hidden" role="alert" aria-live="assertive">${urgent.value}</div>`;
}

function Console() {
  const w = words.value;
  const page = route.value[0] ?? (isAgent.value ? 'desk' : 'campaigns');
  const desk = page === 'desk' && isAgent.value;
  const floor = page === 'floor' && isSupervisor.value;
  const canned = page === 'canned' && isSupervisor.value;
  useEffect(() => {
    title.value = `${floor ? w.floor.tab : w.nav[/** @type {'desk' | 'campaigns' | 'canned' | 'quality' | 'users' | 'tenant' | 'mail' | 'webhooks'} */ (page)] ?? w.nav.campaigns} · Webchat`;
  }, [floor, page, w]);
  const skip = (/** @type {string} */ id) => (/** @type {Event} */ event) => {
    event.preventDefault();
    focusOn(id);
  };
  return html`<div class="console">
    <nav class="skips" aria-label=${w.skip.label}>
      <a href="#main" onClick=${skip('main')}>${w.skip.main}</a>
      ${desk && html`<a href="#mine-title" onClick=${skip('mine-title')}>${w.skip.mine}</a><a href="#waiting-title" onClick=${skip('waiting-title')}>${w.skip.waiting}</a>`}
    </nav>
    <${TopBar} />
    <${Trouble} />
    ${desk ? html`<${Desk} />` : floor ? html`<${Floor} />` : canned ? html`<${Canned} />` : isAdministrator.value ? html`<${Administration} />` : html`<main class="blank" id="main" tabindex="-1"><p class="muted">${w.nav.nothing}</p></main>`}
    <${OpenDialog} />
    ${asked.value && html`<${ConfirmDialog} />`}
  </div>`;
}

/** Present even when empty, so that what appears in it is read out. */
function Trouble() {
  const w = words.value.trouble;
  const why = trouble.value;
  // A restart takes a moment and is no news.
  const told = why === 'disk_full' ? w.diskFull : ['io', 'corrupt', 'in_use'].includes(why ?? '') ? w.store : null;
  return html`<div role="alert">${told && html`<p class="callout bad bar" data-trouble=${why}><${Icon} name="warning" /><span>${told}</span></p>`}</div>`;
}

function Administration() {
  const [page, id, part] = route.value;
  if (page === 'users') return html`<${Users} />`;
  if (page === 'quality') return html`<${Quality} />`;
  if (page === 'tenant') return html`<${Tenant} />`;
  if (page === 'members') return html`<${Seats} />`;
  if (page === 'mail') return html`<${Mail} />`;
  if (page === 'webhooks') return html`<${Webhooks} />`;
  if (!id) return html`<${CampaignList} />`;
  const campaign = id === 'new' ? null : Number(id);
  return html`<${CampaignEditor} key=${id} id=${campaign} part=${part === 'members' || part === 'history' ? part : 'settings'} />`;
}

function OpenDialog() {
  const open = dialog.value;
  switch (open?.kind) {
    case 'palette': return html`<${Palette} />`;
    case 'close': return html`<${CloseDialog} id=${open.chat} />`;
    case 'transfer': return html`<${TransferDialog} id=${open.chat} />`;
    case 'invite': return html`<${InviteDialog} id=${open.chat} />`;
    case 'quality': return html`<${QualityDialog} id=${open.chat} />`;
    case 'earlier': return html`<${EarlierDialog} chat=${open.chat} earlier=${open.earlier} />`;
    case 'sessions': return html`<${SessionsDialog} />`;
    case 'sign_out': return html`<${SignOutDialog} />`;
    case 'pause': return html`<${PauseDialog} />`;
    default: return null;
  }
}

function Notices() {
  const w = words.value.common;
  return html`<section class="notices" aria-label=${w.notices}>${notices.value.map(n => html`<div key=${n.id} class="notice ${n.kind}">
    <${Icon} name=${n.kind === 'good' ? 'circleCheck' : n.kind === 'bad' ? 'warning' : 'bell'} /><span>${n.text}</span>
    <button type="button" class="icon-button" aria-label=${w.dismiss} onClick=${() => dismiss(n.id)}><${Icon} name="close" size=${14} /></button></div>`)}</section>`;
}
