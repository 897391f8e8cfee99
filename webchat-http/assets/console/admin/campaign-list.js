// All campaigns at a glance.

/** @import { CampaignRow } from '../types.js' */

import { html, signal, useEffect } from '../vendor/preact.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { go } from '../lib/route.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Dot } from '../views/rail.js';
import { unsaved } from './editing.js';

const rows = signal(/** @type {CampaignRow[] | null} */ (null));
const failed = signal(/** @type {string | null} */ (null));
const REFRESH = 5000;

async function load() {
  try {
    rows.value = await call('GET', '/campaigns');
    failed.value = null;
  } catch (error) {
    failed.value = codeOf(error);
  }
}

export function CampaignList() {
  const w = words.value.campaign.list;
  useEffect(() => {
    void load();
    const again = setInterval(() => document.visibilityState === 'visible' && void load(), REFRESH);
    return () => clearInterval(again);
  }, []);
  const all = rows.value;
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><h1>${w.title}</h1>
      <span class="row-line"><a class="button" href="#/members"><${Icon} name="users" />${words.value.seats.title}</a>
        <button type="button" class="button" onClick=${() => go('tenant')}><${Icon} name="gear" />${words.value.nav.tenant}</button>
        <button type="button" class="button primary" onClick=${() => go('campaigns/new')}><${Icon} name="plus" />${w.add}</button></span></div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${all === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>`
      : all.length === 0 ? html`<div class="empty"><${Icon} name="chat" size=${32} /><h2>${w.none}</h2><p>${w.noneText}</p></div>`
      : html`<div class="table-frame"><table class="table">
        <thead><tr><th scope="col">${w.name}</th><th scope="col">${w.state}</th><th scope="col">${w.strategy}</th><th scope="col" class="figure">${w.waiting}</th><th scope="col" class="figure">${w.active}</th></tr></thead>
        <tbody>${all.map(row => html`<${Row} key=${row.campaign} row=${row} />`)}</tbody></table></div>`}
  </main>`;
}

/** @param {{ row: CampaignRow }} props */
function Row({ row }) {
  const w = words.value.campaign.list;
  const { settings } = row;
  const state = !settings.enabled ? 'off' : row.open ? 'open' : 'closed';
  const icon = /** @type {const} */ ({ open: 'circleCheck', closed: 'clock', off: 'stop' })[state];
  return html`<tr><th scope="row"><span class="row-line"><${Dot} colour=${settings.colour} /><a href=${`#/campaigns/${row.campaign}`}>${settings.name}</a>${unsaved(row.campaign) && html`<span class="tag">${w.unsaved}</span>`}</span></th>
    <td><span class="status ${state}"><${Icon} name=${icon} size=${14} />${w[state]}</span></td>
    <td class="muted">${settings.mode} · ${settings.order}</td><td class="figure">${row.waiting}</td><td class="figure">${row.active}</td></tr>`;
}
