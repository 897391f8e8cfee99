// The agents as they are now: what they do, what they carry, and whether each campaign sends them chats.

/** @import { FloorAgent } from '../types.js' */

import { html, signal, useSignal } from '../vendor/preact.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Icon } from '../views/icons.js';
import { Menu } from '../views/menu.js';
import { Dot } from '../views/rail.js';
import { PAUSES, pauseName } from '../views/top-bar.js';
import { agents, asking, campaignName, cards, known, pauseAgent, resumeAgent, self, signOutAgent } from './floor.js';

/** Whom to sign out, while it is being asked. */
export const leaving = signal(/** @type {FloorAgent | null} */ (null));

/** @type {Record<FloorAgent['state'], [import('../views/icons.js').IconName, string]>} */
const FACES = {
  ready: ['circleCheck', 'open'], busy: ['chats', 'open'], paused: ['pause', 'closed'], auto_paused: ['pause', 'closed'], on_call: ['phone', 'closed'], lost: ['unplug', 'closed'], signed_out: ['door', 'off'],
};

export function Agents() {
  const w = words.value.floor.people;
  const find = useSignal('');
  if (!known.value) return html`<p class="muted floor-body">${words.value.common.loading}</p>`;
  const all = [...agents.value.values()];
  const text = find.value.trim().toLowerCase();
  const order = Object.keys(FACES);
  const rows = all.filter(row => row.name.toLowerCase().includes(text)).sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name));
  return html`<div class="floor-body"><h1 class="hidden">${words.value.floor.agents}</h1>
    <div class="live-bar"><input class="input" type="search" aria-label=${w.find} placeholder=${w.find} value=${find.value} onInput=${(/** @type {any} */ e) => (find.value = e.currentTarget.value)} /><span class="muted small" role="status">${w.count(rows.length, all.length)}</span></div>
    ${rows.length === 0 ? html`<p class="muted">${w.none}</p>` : html`<div class="table-frame" tabindex="0" role="region" aria-label=${words.value.floor.agents}><table class="table people"><thead><tr><th scope="col">${w.name}</th><th scope="col">${w.state}</th><th scope="col" class="figure">${w.load}</th><th scope="col" class="figure">${w.answered}</th><th scope="col">${w.seats}</th><th scope="col"><span class="hidden">${w.actions}</span></th></tr></thead>
      <tbody>${rows.map(row => html`<${Row} key=${row.agent} row=${row} />`)}</tbody></table></div>`}
    ${leaving.value && html`<${Leave} row=${leaving.value} />`}</div>`;
}

/** @param {{ row: FloorAgent }} props */
function Row({ row }) {
  const w = words.value.floor.people;
  const [icon, kind] = FACES[row.state] ?? FACES.ready;
  const verdict = (/** @type {string | null} */ code) => (code == null ? w.gets : words.value.floor.whyNot(code));
  const here = row.state !== 'signed_out';
  const label = html`<${Icon} name="pause" size=${14} />${w.pause}`;
  const items = PAUSES.map(reason => ({ label: pauseName(reason), checked: row.reason === reason, pick: () => void pauseAgent(row.agent, reason) }));
  return html`<tr><th scope="row">${row.name}</th>
    <td><span class="status ${kind}"><${Icon} name=${icon} size=${14} />${w.states[row.state] ?? row.state}${row.reason && html` · ${pauseName(row.reason)}`}</span></td>
    <td class="figure">${row.load}${row.other_load > 0 && html` <span class="muted">+${row.other_load}</span>`}</td><td class="figure">${row.answered}</td>
    <td><ul class="seats">${row.seats.map(seat => html`<li><${Dot} colour=${cards.value.get(seat.campaign)?.colour} /><span class="clip" title=${campaignName(seat.campaign)}>${campaignName(seat.campaign)}</span><span class="muted small">${w.place(seat.place)}${seat.penalty > 0 && `, ${w.penalty(seat.penalty)}`}</span>
      <button type="button" class="link-button small" aria-label=${`${verdict(seat.why_not)}. ${w.whyName(row.name, campaignName(seat.campaign))}`} onClick=${() => (asking.value = { campaign: seat.campaign, agent: row.agent })}>${verdict(seat.why_not)}</button></li>`)}</ul></td>
    <td class="last">${here && self.value != null && html`<span class="row-actions">${row.state === 'paused' && html`<button type="button" class="button small" aria-label=${w.resumeName(row.name)} onClick=${() => void resumeAgent(row.agent)}><${Icon} name="circleCheck" size=${14} />${w.resume}</button>`}<${Menu} class="small" name=${w.pauseName(row.name)} label=${label} items=${items} />
      <button type="button" class="button small" aria-label=${w.signOutName(row.name)} onClick=${() => (leaving.value = row)}><${Icon} name="door" size=${14} />${w.signOut}</button></span>`}</td></tr>`;
}

/** @param {{ row: FloorAgent }} props */
function Leave({ row }) {
  const w = words.value.floor.people;
  const shut = () => (leaving.value = null);
  const go = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await signOutAgent(row.agent);
    shut();
  };
  return html`<${Dialog} title=${w.signOutTitle(row.name)} onClose=${shut}><form onSubmit=${go}><p>${w.signOutText}</p>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${shut}>${words.value.common.cancel}</button><button type="submit" class="button danger" autofocus>${w.signOut}</button></footer></form></${Dialog}>`;
}
