// Several agents in or out of several campaigns, in one go.

/** @import { Account, CampaignRow } from '../types.js' */

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Dot } from '../views/rail.js';

export function Seats() {
  const w = words.value.seats;
  const campaigns = useSignal(/** @type {CampaignRow[] | null} */ (null));
  const agents = useSignal(/** @type {Account[]} */ ([]));
  const members = useSignal(/** @type {Record<number, number[]>} */ ({}));
  const failed = useSignal(/** @type {string | null} */ (null));
  const wanted = useSignal(/** @type {number[]} */ ([]));
  const who = useSignal(/** @type {number[]} */ ([]));
  const busy = useSignal(false);
  const load = async () => {
    try {
      const [rows, users] = await Promise.all([call('GET', '/campaigns'), call('GET', '/users')]);
      const lists = await Promise.all(rows.map((/** @type {CampaignRow} */ row) => call('GET', `/campaigns/${row.campaign}/members`)));
      members.value = Object.fromEntries(rows.map((/** @type {CampaignRow} */ row, /** @type {number} */ i) => [row.campaign, lists[i].map((/** @type {any} */ m) => m.agent)]));
      agents.value = users.filter((/** @type {Account} */ u) => u.agent != null);
      campaigns.value = rows;
    } catch (error) {
      failed.value = codeOf(error);
    }
  };
  useEffect(() => void load(), []);
  const all = campaigns.value;
  if (failed.value) return html`<main class="page" id="main" tabindex="-1"><p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p></main>`;
  if (!all) return html`<main class="page" id="main" tabindex="-1"><p class="muted">${words.value.common.loading}</p></main>`;
  const go = async (/** @type {'add' | 'remove'} */ what) => {
    busy.value = true;
    try {
      const { changed } = await call('POST', '/members', { campaigns: wanted.value, [what]: who.value });
      notice('good', words.peek().seats.done(changed));
      await load();
    } catch (error) {
      notice('bad', words.peek().refusal(codeOf(error)));
    }
    busy.value = false;
  };
  const toggle = (/** @type {typeof wanted} */ list, /** @type {number} */ id) => (list.value = list.value.includes(id) ? list.value.filter(x => x !== id) : [...list.value, id]);
  const whole = (/** @type {typeof wanted} */ list, /** @type {number[]} */ ids) => html`<label class="pick all"><input type="checkbox" checked=${ids.length > 0 && ids.every(id => list.value.includes(id))} onChange=${(/** @type {any} */ e) => (list.value = e.currentTarget.checked ? ids : [])} /><span>${w.all}</span></label>`;
  const ready = wanted.value.length > 0 && who.value.length > 0 && !busy.value;
  const seats = (/** @type {number} */ agent) => all.filter(row => members.value[row.campaign]?.includes(agent)).map(row => row.settings.name).join(', ');
  return html`<main class="page editor" id="main" tabindex="-1"><div class="page-head"><div><h1>${w.title}</h1><p class="muted">${w.lead}</p></div></div>
    <div class="seat-lists"><fieldset class="card"><legend>${w.campaigns}</legend>${whole(wanted, all.map(row => row.campaign))}
        ${all.map(row => html`<label class="pick"><input type="checkbox" checked=${wanted.value.includes(row.campaign)} onChange=${() => toggle(wanted, row.campaign)} /><${Dot} colour=${row.settings.colour} /><span>${row.settings.name}</span><span class="muted small">${w.count(members.value[row.campaign]?.length ?? 0)}</span></label>`)}</fieldset>
      <fieldset class="card"><legend>${w.agents}</legend>${whole(who, agents.value.map(a => Number(a.agent)))}
        ${agents.value.map(a => html`<label class="pick"><input type="checkbox" checked=${who.value.includes(Number(a.agent))} onChange=${() => toggle(who, Number(a.agent))} /><span>${a.name}${' '}${a.disabled && html`<span class="tag">${words.value.members.disabled}</span>`}${' '}${a.voice === false && html`<span class="tag">${words.value.members.noVoice}</span>`}</span><span class="muted small clip">${seats(Number(a.agent)) || w.nowhere}</span></label>`)}</fieldset></div>
    <footer class="save-bar"><span class="muted" role="status">${w.picked(wanted.value.length, who.value.length)}</span>
      <button type="button" class="button" disabled=${!ready} onClick=${() => void go('remove')}>${w.remove}</button>
      <button type="button" class="button primary" disabled=${!ready} onClick=${() => void go('add')}>${w.add}</button></footer>
  </main>`;
}
