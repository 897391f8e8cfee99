// One campaign: its settings in sections, or its members.

import { html, signal, useEffect, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { go } from '../lib/route.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { focusOn } from '../views/focus.js';
import { Icon } from '../views/icons.js';
import { Dot } from '../views/rail.js';
import { Control, Languages, idOf, learn } from './controls.js';
import { ConflictDialog } from './conflict.js';
import { concerns, editing, forget } from './editing.js';
import { Embed } from './embed.js';
import { FIELDS, SECTIONS } from './fields.js';
import { History } from './history.js';
import { Members } from './members.js';
import { Preview } from './preview.js';

learn(FIELDS);
const removing = signal(false);

/** @param {{ id: number | null, part: string }} props */
export function CampaignEditor({ id, part }) {
  const w = words.value.campaign.editor;
  const edit = editing(id);
  useEffect(() => void edit.load(), [edit]);
  const draft = edit.draft.value;
  const title = id == null ? w.fresh : edit.saved.value?.name ?? '';
  const tab = (/** @type {string} */ name, /** @type {string} */ path, /** @type {string} */ label) =>
    html`<a class="tab" href=${`#/campaigns/${id}${path}`} aria-current=${part === name ? 'page' : undefined}>${label}</a>`;
  return html`<main class="page editor" id="main" tabindex="-1">
    <div class="page-head"><div class="title"><a class="icon-button" href="#/campaigns" aria-label=${words.value.campaign.list.title} title=${words.value.campaign.list.title}><${Icon} name="back" /></a>
      ${draft && html`<${Dot} colour=${draft.colour} />`}<h1 class="clip">${title}</h1></div>
      ${id != null && html`<nav class="tabs" aria-label=${title}>${tab('settings', '', w.settings)}${tab('members', '/members', w.members)}${tab('history', '/history', w.history)}</nav>`}</div>
    ${edit.missing.value ? html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(edit.missing.value)}</p>`
      : !draft ? html`<p class="muted">${words.value.common.loading}</p>`
      : part === 'members' && id != null ? html`<${Members} campaign=${id} />`
      : part === 'history' && id != null ? html`<${History} campaign=${id} />`
      : html`<${Settings} id=${id} />`}
    ${removing.value && id != null && html`<${RemoveDialog} id=${id} name=${title} />`}
  </main>`;
}

/** @param {{ id: number | null }} props */
function Settings({ id }) {
  const w = words.value.campaign;
  const edit = editing(id);
  const draft = edit.draft.value;
  if (!draft) return null;
  const problems = edit.problems.value;
  const wrong = FIELDS.filter(f => problems.some(p => concerns(p.field, f.name)));
  const texts = [draft.welcome, draft.automatic, draft.out_of_time, draft.not_available, draft.feedback, ...(draft.show_agent_name ? [] : [draft.alias])];
  const nobody = edit.warnings.value.find(remark => remark.field === 'members');
  const save = async (/** @type {Event | undefined} */ event = undefined) => {
    event?.preventDefault();
    const result = await edit.save();
    if (!result.done) {
      if (edit.conflict.peek()) return;
      if (edit.problems.peek().length > 0) focusOn('problems');
      else if (result.code !== 'busy') notice('bad', words.peek().refusal(result.code));
      return;
    }
    const remarks = edit.warnings.peek();
    notice(remarks.length ? 'plain' : 'good', remarks.length ? w.editor.remarks(remarks.length) : w.editor.saved);
    if (id == null) {
      forget(null);
      editing(result.campaign).warnings.value = remarks;
      go(`campaigns/${result.campaign}`);
    }
  };
  const jump = (/** @type {string} */ target) => (/** @type {Event} */ event) => {
    event.preventDefault();
    focusOn(target);
    document.getElementById(target)?.scrollIntoView({ block: 'start' });
  };
  return html`<form class="settings" onSubmit=${save} novalidate>
    <nav class="section-nav" aria-label=${w.editor.sections}>${SECTIONS.map(section => {
      const bad = section.fields.filter(f => wrong.includes(f)).length;
      return html`<a href=${`#section-${section.id}`} onClick=${jump(`section-${section.id}`)}>${w.sections[section.id]}${bad > 0 && html`<span class="wrong"><${Icon} name="warning" size=${14} />${bad}</span>`}</a>`;
    })}<a href="#section-preview" onClick=${jump('section-preview')}>${w.preview.title}</a></nav>
    <div class="sections">
      ${nobody && id != null && html`<p class="callout warn"><${Icon} name="warning" /><span>${w.warnings[`members.${nobody.code}`] ?? nobody.text} <a href=${`#/campaigns/${id}/members`}>${w.editor.members}</a></span></p>`}
      ${wrong.length > 0 && html`<div class="callout bad problems" id="problems" tabindex="-1" role="alert"><${Icon} name="warning" /><div><strong>${w.editor.problems(wrong.length)}</strong>
        <ul>${wrong.map(f => html`<li><a href=${`#${idOf(f.name)}`} onClick=${jump(idOf(f.name))}>${w.fields[f.name].label}</a></li>`)}</ul></div></div>`}
      ${SECTIONS.map(section => html`<section class="card" aria-labelledby=${`section-${section.id}`}>
        <h2 id=${`section-${section.id}`} tabindex="-1">${w.sections[section.id]}</h2>
        ${section.id === 'messages' && html`<${Languages} edit=${edit} texts=${texts} />`}
        <div class="grid">${section.fields.map(field => html`<${Control} key=${field.name} field=${field} edit=${edit} />`)}</div>
      </section>`)}
      ${id != null && html`<${Embed} id=${id} edit=${edit} /><${Identity} id=${id} />`}
    </div>
    <${Preview} edit=${edit} />
    <footer class="save-bar"><span class="muted" role="status">${edit.dirty.value ? w.editor.unsaved : w.editor.clean}</span>
      ${id != null && html`<button type="button" class="button plain bad-text" onClick=${() => (removing.value = true)}><${Icon} name="trash" />${w.editor.remove}</button>`}
      <button type="button" class="button" disabled=${!edit.dirty.value || edit.busy.value} onClick=${() => edit.discard()}>${w.editor.discard}</button>
      <button type="submit" class="button primary" disabled=${(!edit.dirty.value && id != null) || edit.busy.value}>${edit.busy.value ? words.value.common.saving : words.value.common.save}</button></footer>
    <${ConflictDialog} edit=${edit} save=${save} />
  </form>`;
}

/** The secret with which a site signs who its visitors are; apart from the settings, for it is made, not written. @param {{ id: number }} props */
function Identity({ id }) {
  const w = words.value.campaign.identity;
  const secret = useSignal(/** @type {{ set: boolean, shown: string }} */ ({ set: false, shown: '' }));
  const ask = async (/** @type {'GET' | 'POST' | 'DELETE'} */ method) => {
    try {
      const answer = await call(method, `/campaigns/${id}/identity`);
      secret.value = { set: answer.set ?? true, shown: answer.secret ?? '' };
    } catch (error) {
      if (method !== 'GET') notice('bad', words.peek().refusal(codeOf(error)));
    }
  };
  useEffect(() => void ask('GET'), [id]);
  const { set, shown } = secret.value;
  return html`<section class="card" aria-labelledby="section-identity"><h2 id="section-identity" tabindex="-1">${w.title}</h2>
    <p class="hint">${w.hint}</p>
    <p role="status">${shown ? w.shown : set ? w.set : w.none}</p>
    ${shown && html`<input class="input code" readonly aria-label=${w.title} value=${shown} onFocus=${(/** @type {any} */ e) => e.currentTarget.select()} />`}
    <div class="row-line"><button type="button" class="button" onClick=${() => void ask('POST')}>${w.make}</button>
      ${set && html`<button type="button" class="button plain bad-text" onClick=${() => void ask('DELETE')}>${w.forget}</button>`}</div>
  </section>`;
}

/** @param {{ id: number, name: string }} props */
function RemoveDialog({ id, name }) {
  const w = words.value.campaign.editor;
  const shut = () => (removing.value = false);
  const remove = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await call('DELETE', `/campaigns/${id}`);
      forget(id);
      go('campaigns');
    } catch (error) {
      notice('bad', words.peek().refusal(codeOf(error)));
    }
    shut();
  };
  return html`<${Dialog} title=${w.removeTitle(name)} onClose=${shut}><form onSubmit=${remove}><p>${w.removeText}</p>
    <footer class="dialog-foot"><button type="button" class="button" autofocus onClick=${shut}>${words.value.common.cancel}</button><button type="submit" class="button danger">${w.remove}</button></footer></form></${Dialog}>`;
}
