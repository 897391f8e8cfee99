// The frame of the supervisor's pages: which there are, and the drawer and pane that open over them.

import { html, useLayoutEffect, useRef } from '../vendor/preact.js';
import { route } from '../lib/route.js';
import { words } from '../lib/words.js';
import { Members } from '../admin/members.js';
import { Icon } from '../views/icons.js';
import { Agents } from './agents.js';
import { Audit } from './audit.js';
import { agents, asking, campaignName, known, link } from './floor.js';
import { Live } from './live.js';
import { Recordings } from './recordings.js';
import { Reports } from './reports.js';
import { Wallboard } from './wallboard.js';
import { WhyDrawer } from './why.js';

export const PAGES = /** @type {const} */ (['wallboard', 'chats', 'agents', 'recordings', 'reports', 'audit']);

export function Floor() {
  const w = words.value.floor;
  const [, part = 'wallboard', id] = route.value;
  const page = part === 'members' ? 'wallboard' : part;
  const stale = link.state.value !== 'online';
  const head = useRef(/** @type {HTMLDivElement | null} */ (null));
  // On a narrow screen the pages stand in a row that scrolls; the one that is open is in sight.
  useLayoutEffect(() => head.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [page, words.value]);
  return html`<main class="floor" id="main" tabindex="-1">
    <div class="floor-head" ref=${head}><nav class="segments" aria-label=${w.pages}>${PAGES.map(name => html`<a href=${`#/floor/${name}`} aria-current=${page === name ? 'page' : undefined}>${w[name]}</a>`)}</nav>
      ${stale && html`<p class="chip warn" role="status"><${Icon} name="unplug" />${known.value ? w.offline : w.connecting}</p>`}</div>
    ${part === 'members' ? html`<${MembersPage} key=${id} campaign=${Number(id)} />`
      : part === 'chats' ? html`<${Live} />` : part === 'agents' ? html`<${Agents} />` : part === 'recordings' ? html`<${Recordings} />` : part === 'reports' ? html`<${Reports} />` : part === 'audit' ? html`<${Audit} />` : html`<${Wallboard} />`}
    ${asking.value && html`<${WhyDrawer} key=${JSON.stringify(asking.value)} about=${asking.value} />`}
  </main>`;
}

/** @param {{ campaign: number }} props */
function MembersPage({ campaign }) {
  if (!known.value) return html`<p class="muted floor-body">${words.value.common.loading}</p>`;
  const people = [...agents.value.values()].map(({ agent, name }) => ({ agent, name }));
  return html`<div class="floor-body"><h1 class="floor-title">${words.value.floor.card.membersTitle(campaignName(campaign))}</h1><${Members} campaign=${campaign} people=${people} /></div>`;
}
