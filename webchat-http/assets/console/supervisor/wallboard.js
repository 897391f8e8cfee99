// The wallboard: each campaign with what is going on now, today's figures, its thresholds and the last hour.

/** @import { FloorCard, Share } from '../types.js' */

import { html } from '../vendor/preact.js';
import { now, secondsBetween, span } from '../lib/clock.js';
import { usePieces } from '../lib/pieces.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Dot } from '../views/rail.js';
import { urgency } from '../views/wait.js';
import { HourChart } from './chart.js';
import { alarmsOf, asking, cards, known } from './floor.js';

export function Wallboard() {
  const w = words.value;
  if (!known.value) return html`<p class="muted floor-body">${w.common.loading}</p>`;
  return html`<${Tiles} />`;
}

function Tiles() {
  const all = [...cards.value.values()].sort((a, b) => a.name.localeCompare(b.name));
  const drawn = usePieces(all.length * PARTS.length).value;
  return html`<div class="floor-body"><h1 class="hidden">${words.value.floor.wallboard}</h1>
    <div class="tiles">${all.slice(0, Math.ceil(drawn / PARTS.length)).map((card, i) => html`<${Tile} key=${card.campaign} card=${card} parts=${Math.min(PARTS.length, drawn - i * PARTS.length)} />`)}</div></div>`;
}

/** @param {Share} share @returns {string} whole percents, or that there is no data */
export function percent({ part, of }) {
  return of === 0 ? words.value.floor.noData : `${Math.floor((part * 100) / of)} %`;
}

/** Of a tile below its head: drawn one after the other. */
const PARTS = [Now, Levels, Today, Thresholds, HourChart];

/** @param {{ card: FloorCard, parts: number }} props */
function Tile({ card, parts }) {
  const w = words.value.floor.card;
  const alarms = alarmsOf(card);
  const state = !card.enabled ? ['off', 'stop', w.off] : card.open ? ['open', 'circleCheck', w.open] : ['closed', 'clock', w.shut];
  return html`<article class="tile ${alarms.length ? 'alarmed' : ''}" aria-labelledby="tile-${card.campaign}">
    <header class="tile-head"><${Dot} colour=${card.colour} /><h2 id="tile-${card.campaign}" class="clip">${card.name}</h2>
      <span class="status ${state[0]}"><${Icon} name=${/** @type {any} */ (state[1])} size=${14} />${state[2]}</span>
      ${alarms.length > 0 && html`<span class="chip bad"><${Icon} name="warning" size=${14} />${words.value.floor.alarms.count(alarms.length)}</span>`}</header>
    ${PARTS.slice(0, parts).map(Part => html`<${Part} card=${card} />`)}
    <footer class="tile-foot"><a class="button small" href=${`#/floor/members/${card.campaign}`} aria-label=${w.membersTitle(card.name)}><${Icon} name="users" size=${14} />${w.members}</a>
      <button type="button" class="button small" aria-label=${w.whyTitle(card.name)} onClick=${() => (asking.value = { campaign: card.campaign })}><${Icon} name="search" size=${14} />${w.why}</button></footer>
  </article>`;
}

/** @param {{ card: FloorCard }} props */
function Now({ card }) {
  const w = words.value.floor.card;
  return html`<dl class="figures">
    <${Figure} name=${w.waiting} value=${card.waiting} note=${card.limits.max_chats != null ? w.ofMax(card.limits.max_chats) : ''} bad=${card.standing.acd || card.standing.max_chats} />
    <${Longest} card=${card} />
    <${Figure} name=${w.active} value=${card.active} note="" bad=${card.standing.time_chat > 0} />
    <${Figure} name=${w.available} value=${card.staff.available} note=${w.of(card.staff.members)} bad=${false} />
    <${Figure} name=${w.signedIn} value=${card.staff.signed_in} note="" bad=${false} />
    <${Figure} name=${w.paused} value=${card.staff.paused} note="" bad=${false} />
  </dl>`;
}

/** @param {{ name: string, value: string | number, note: string, bad: boolean }} props */
function Figure({ name, value, note, bad }) {
  return html`<div class="big ${bad ? 'bad' : ''}"><dt>${name}</dt><dd><span class="figure">${bad && html`<${Icon} name="warning" size=${14} />`}${value}</span>${note && html`<span class="muted small">${note}</span>`}</dd></div>`;
}

/** Ticks alone, so that the tile around it is drawn only when its figures change. @param {{ card: FloorCard }} props */
function Longest({ card }) {
  const w = words.value.floor.card;
  const since = card.longest_since;
  const seconds = since == null ? 0 : secondsBetween(since, now.value);
  const level = since == null ? 'calm' : urgency(seconds, card.limits.answer_within);
  return html`<${Figure} name=${w.longest} value=${since == null ? w.nobody : span(seconds)} note="" bad=${level === 'over'} />`;
}

/** @param {{ card: FloorCard }} props */
function Levels({ card }) {
  const w = words.value.floor.card;
  const { answer_within: within, target_percent: target } = card.limits;
  const { today } = card;
  const rows = /** @type {const} */ ([['answered', today.service_level], ['abandoned', today.service_level_with_abandoned], ['strict', today.service_level_strict]]);
  return html`<div><h3>${w.level}${within != null && html` <span class="muted">· ${target > 0 ? w.target(target, span(within)) : span(within)}</span>`}</h3>
    <dl class="levels">${rows.map(([name, share]) => {
      const filled = share.of === 0 ? 0 : Math.floor((share.part * 100) / share.of);
      const low = share.of > 0 && target > 0 && filled < target;
      return html`<div><dt>${w.levels[name]}</dt><dd><span class="meter ${low ? 'low' : ''}" aria-hidden="true"><span style=${{ width: `${filled}%` }}></span>${target > 0 && html`<i style=${{ left: `${target}%` }}></i>`}</span>
        <span class="figure">${low && html`<${Icon} name="warning" size=${14} />`}${percent(share)}</span><span class="muted small">${w.share(share.part, share.of)}</span></dd></div>`;
    })}</dl></div>`;
}

/** @param {{ card: FloorCard }} props */
function Today({ card }) {
  const w = words.value.floor.card;
  const { today } = card;
  const refused = Object.entries(today.refused);
  const count = refused.reduce((sum, [, n]) => sum + n, 0);
  const speed = today.mean_answer == null ? words.value.floor.noData : span(Math.round(today.mean_answer / 1000));
  const rows = [[w.offered, today.offered], [w.answered, today.answered], [w.abandoned, today.abandoned], [w.short, today.short_abandoned], [w.timedOut, today.timed_out], [w.refused, count], [w.speed, speed]];
  return html`<div><h3>${w.today}</h3>
    <dl class="counts">${rows.map(([name, n]) => html`<div><dt>${name}</dt><dd class="figure">${n}</dd></div>`)}
      <div><dt>${w.estimates}</dt><dd class="figure">${percent({ part: card.estimates.kept, of: card.estimates.scored })}</dd></div></dl>
    ${count > 0 && html`<p class="muted small">${w.refused}: ${refused.map(([reason, n]) => w.refusedFor(reason, n)).join(', ')}</p>`}</div>`;
}

/** @param {{ card: FloorCard }} props */
function Thresholds({ card }) {
  const w = words.value.floor.alarms;
  const { limits, standing, today } = card;
  /** @type {[keyof typeof w.names, string | null, boolean][]} */
  const rows = [
    ['service_level', limits.answer_within != null && limits.target_percent > 0 ? w.service_level(percent(card.in_time_today), limits.target_percent) : null, standing.service_level],
    ['dropout', limits.dropout != null ? w.dropout(today.short_abandoned, span(limits.dropout)) : null, false],
    ['time_chat', limits.time_chat != null ? w.time_chat(standing.time_chat, span(limits.time_chat)) : null, standing.time_chat > 0],
    ['acd', limits.acd != null ? w.acd(card.waiting, limits.acd) : null, standing.acd],
    ['max_chats', limits.max_chats != null ? w.max_chats(card.waiting, limits.max_chats) : null, standing.max_chats],
  ];
  return html`<div><h3>${w.title}</h3><ul class="thresholds">${rows.map(([name, text, over]) => html`<li class=${over ? 'over' : text == null ? 'unset' : ''}>
    <${Icon} name=${over ? 'warning' : text == null ? 'stop' : 'circleCheck'} size=${14} /><span class="name">${w.names[name]}</span><span class="clip">${text ?? w.unset}</span>${text != null && html`<span class="hidden">${over ? w.over : w.fine}</span>`}</li>`)}</ul></div>`;
}
