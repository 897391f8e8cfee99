// Who serves a campaign, in the order they are asked, with penalties and skills.

/** @import { Account, Member } from '../types.js' */

import { html, useEffect, useId, useSignal } from '../vendor/preact.js';
import { announce, notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { focusOn } from '../views/focus.js';
import { Icon } from '../views/icons.js';

/** @param {{ campaign: number, people?: { agent: number | null, name: string, disabled?: boolean, voice?: boolean }[] | null }} props `people`: who there is; asked of the server when left out */
export function Members({ campaign, people = null }) {
  const w = words.value.members;
  const saved = useSignal(/** @type {Member[] | null} */ (null));
  const members = useSignal(/** @type {Member[]} */ ([]));
  const agents = useSignal(people ?? []);
  const failed = useSignal(/** @type {string | null} */ (null));
  const wrong = useSignal(/** @type {string[]} */ ([]));
  const busy = useSignal(false);
  const adding = useSignal('');
  const addId = useId();
  useEffect(() => {
    (async () => {
      try {
        const [list, users] = await Promise.all([call('GET', `/campaigns/${campaign}/members`), people ?? call('GET', '/users')]);
        saved.value = list;
        members.value = list;
        agents.value = users.filter((/** @type {Account} */ u) => u.agent != null);
      } catch (error) {
        failed.value = codeOf(error);
      }
    })();
  }, [campaign]);
  if (failed.value) return html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`;
  if (!saved.value) return html`<p class="muted">${words.value.common.loading}</p>`;
  const list = members.value;
  const account = (/** @type {number} */ agent) => agents.value.find(a => a.agent === agent);
  const nameOf = (/** @type {number} */ agent) => account(agent)?.name ?? `#${agent}`;
  const free = agents.value.filter(a => !list.some(m => m.agent === a.agent));
  const dirty = JSON.stringify(list) !== JSON.stringify(saved.value);
  const change = (/** @type {Member[]} */ next) => {
    members.value = next;
    wrong.value = [];
  };
  const put = (/** @type {number} */ i, /** @type {Partial<Member>} */ part) => change(list.with(i, { ...list[i], ...part }));
  const move = (/** @type {number} */ from, /** @type {number} */ to) => {
    const next = list.toSpliced(from, 1).toSpliced(to, 0, list[from]);
    change(next);
    announce(w.moved(nameOf(list[from].agent), to + 1));
    // The button under the finger stays with the member.
    focusOn(`${to < from ? 'up' : 'down'}-${list[from].agent}`);
  };
  const add = (/** @type {Event} */ event) => {
    event.preventDefault();
    const agent = Number(adding.value || free[0]?.agent);
    if (!agent) return;
    change([...list, { agent, penalty: 0, skills: [] }]);
    adding.value = '';
  };
  const save = async () => {
    const bad = list.filter(m => !Number.isInteger(m.penalty) || m.penalty < 0 || m.penalty > 100).map(m => `penalty-${m.agent}`);
    if (bad.length) {
      wrong.value = bad;
      return focusOn(bad[0]);
    }
    busy.value = true;
    try {
      const stored = await call('PUT', `/campaigns/${campaign}/members`, list);
      saved.value = stored ?? list;
      members.value = saved.value ?? list;
      notice('good', words.peek().campaign.editor.saved);
    } catch (error) {
      notice('bad', error instanceof Refusal && error.problems.length ? words.peek().campaign.problem.other(error.problems[0].expected ?? '') : words.peek().refusal(codeOf(error)));
    }
    busy.value = false;
  };
  return html`<div class="members">
    ${list.length === 0 ? html`<div class="empty"><${Icon} name="users" size=${32} /><h2>${w.none}</h2><p>${w.noneText}</p></div>`
    : html`<div class="table-frame"><table class="table"><thead><tr><th scope="col">${w.order}</th><th scope="col">${w.agent}</th><th scope="col">${w.penalty}</th><th scope="col">${w.skills} <span class="muted">${w.skillsHint}</span></th><th scope="col"><span class="hidden">${words.value.common.remove}</span></th></tr></thead>
      <tbody>${list.map((member, i) => {
        const name = nameOf(member.agent);
        const user = account(member.agent);
        return html`<tr key=${member.agent}><td class="order"><span class="figure">${i + 1}</span>
            <button type="button" id="up-${member.agent}" class="icon-button" aria-label=${w.up(name)} aria-disabled=${i === 0 || undefined} onClick=${() => i > 0 && move(i, i - 1)}><${Icon} name="up" /></button>
            <button type="button" id="down-${member.agent}" class="icon-button" aria-label=${w.down(name)} aria-disabled=${i === list.length - 1 || undefined} onClick=${() => i < list.length - 1 && move(i, i + 1)}><${Icon} name="down" /></button></td>
          <th scope="row">${name} ${user?.disabled && html`<span class="tag">${w.disabled}</span>`} ${user?.voice === false && html`<span class="tag">${w.noVoice}</span>`}</th>
          <td><input id="penalty-${member.agent}" class="input tiny" inputmode="numeric" aria-label=${`${w.penalty}: ${name}`} aria-invalid=${wrong.value.includes(`penalty-${member.agent}`) || undefined} aria-describedby=${wrong.value.includes(`penalty-${member.agent}`) ? `wrong-${member.agent}` : undefined}
            value=${member.penalty} onInput=${(/** @type {any} */ e) => put(i, { penalty: asNumber(e.currentTarget.value.trim()) })} />
            ${wrong.value.includes(`penalty-${member.agent}`) && html`<p class="wrong" id="wrong-${member.agent}"><${Icon} name="warning" size=${14} />${words.value.campaign.problem.range(0, 100)}</p>`}</td>
          <td><${Skills} skills=${member.skills} label=${`${w.skills}: ${name}`} set=${(/** @type {string[]} */ skills) => put(i, { skills })} /></td>
          <td><button type="button" class="icon-button" aria-label=${w.remove(name)} title=${w.remove(name)} onClick=${() => change(list.toSpliced(i, 1))}><${Icon} name="trash" /></button></td></tr>`;
      })}</tbody></table></div>`}
    <form class="add-row" onSubmit=${add}>${free.length === 0 ? html`<p class="muted">${w.everyone}</p>` : html`
      <label for=${addId}>${w.add}</label><select id=${addId} class="input" value=${adding.value || free[0]?.agent} onChange=${(/** @type {any} */ e) => (adding.value = e.currentTarget.value)}>${free.map(a => html`<option value=${a.agent}>${a.name}</option>`)}</select>
      <button type="submit" class="button"><${Icon} name="plus" />${w.addGo}</button>`}</form>
    <footer class="save-bar"><span class="muted" role="status">${dirty ? words.value.campaign.editor.unsaved : words.value.campaign.editor.clean}</span>
      <button type="button" class="button" disabled=${!dirty || busy.value} onClick=${() => change(saved.peek() ?? [])}>${words.value.campaign.editor.discard}</button>
      <button type="button" class="button primary" disabled=${!dirty || busy.value} onClick=${save}>${busy.value ? words.value.common.saving : words.value.common.save}</button></footer>
  </div>`;
}

/** @param {string} text @returns {any} a number, or the text as long as it is none */
const asNumber = text => (/^\d{1,6}$/.test(text) ? Number(text) : text);

/** @param {string} text */
const listOf = text => [...new Set(text.split(',').map(s => s.trim()).filter(Boolean))];

/**
 * A list divided by commas, which stays as it is typed.
 * @param {{ skills: string[], label: string, set: (skills: string[]) => void }} props
 */
function Skills({ skills, label, set }) {
  const text = useSignal(skills.join(', '));
  const shown = listOf(text.value).join() === skills.join() ? text.value : skills.join(', ');
  return html`<input class="input" aria-label=${label} value=${shown} onInput=${(/** @type {any} */ e) => {
    text.value = e.currentTarget.value;
    set(listOf(text.value));
  }} />`;
}
