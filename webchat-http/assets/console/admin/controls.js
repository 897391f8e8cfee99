// One control per kind of setting, each with its label, its hint, what is wrong with it and what was remarked.

/** @import { Child } from '../vendor/preact.js' */
/** @import { Texts } from '../types.js' */
/** @import { Field } from './fields.js' */
/** @import { Editing } from './editing.js' */

import { html, useEffect, useId, useState } from '../vendor/preact.js';
import { span } from '../lib/clock.js';
import { LANGUAGES, nameOf, words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { concerns } from './editing.js';
import { loadModels, models } from './quality.js';
import { ScheduleField } from './schedule.js';

/** The first part of an id of the field's control, which the summary of problems leads to. @param {string} name */
export const idOf = name => `setting-${name}`;

/** @param {{ field: Field, edit: Editing }} props */
export function Control({ field, edit }) {
  const draft = edit.draft.value;
  if (!draft || (field.when && !field.when(draft))) return null;
  switch (field.kind) {
    case 'check': return html`<${Check} field=${field} edit=${edit} />`;
    case 'number': return html`<${NumberField} field=${field} edit=${edit} />`;
    case 'choice': return html`<${Choice} field=${field} edit=${edit} />`;
    case 'colour': return html`<${Colour} field=${field} edit=${edit} />`;
    case 'language': return html`<${DefaultLanguage} field=${field} edit=${edit} />`;
    case 'texts': return html`<${TextsField} field=${field} edit=${edit} />`;
    case 'schedule': return html`<${ScheduleField} edit=${edit} />`;
    case 'quality': return html`<${QualityField} field=${field} edit=${edit} />`;
    case 'extra': return html`<${Extra} field=${field} edit=${edit} />`;
    case 'files': return html`<${Files} field=${field} edit=${edit} />`;
    case 'addresses': return html`<${Lines} field=${field} edit=${edit} read=${readLines} write=${writeLines} />`;
    case 'domains': return html`<${Lines} field=${field} edit=${edit} read=${readDomains} write=${writeDomains} />`;
    case 'dispositions': return html`<${Lines} field=${field} edit=${edit} read=${readPaths} write=${writePaths} />`;
    default: return html`<${Line} field=${field} edit=${edit} />`;
  }
}

/** @param {Editing} edit @param {string} name @returns {string[]} what is wrong, worded */
export function wrongs(edit, name) {
  return [...new Set(edit.problems.value.filter(p => concerns(p.field, name)).map(p => wording(p.field, p.expected ?? '')))];
}

/** @param {string} path @param {string} expected the server's own words, for what is not known here */
function wording(path, expected) {
  const w = words.value.campaign.problem;
  const name = path.split(/[.[]/)[0];
  if (/\.zone$/.test(path)) return w.zone;
  if (/\.(start|end)$/.test(path)) return w.time;
  if (/\.date$/.test(path)) return w.date;
  if (path === 'schedule.ranges') return w.ranges;
  if (path === 'extra_field.label') return w.label;
  if (path === 'extra_field.pattern') return w.pattern;
  if (name === 'extra_field' || name === 'alias') return w.line;
  if (path === 'files.max_kib') return w.range(1, FILE_KIB);
  if (name === 'files') return w.kinds;
  if (name === 'name') return /other|unique|taken|already|another/.test(expected) ? w.taken : w.line;
  if (name === 'offline_address' || name === 'notice_addresses') return w.email;
  if (name === 'colour') return w.colour;
  if (name === 'allowed_domains') return w.domain;
  if (name === 'dispositions') return w.disposition;
  const number = numbers().find(f => f.name === name);
  if (number) return w.range(number.least ?? 0, number.most ?? Number.MAX_SAFE_INTEGER);
  if (['welcome', 'automatic', 'out_of_time', 'not_available', 'feedback'].includes(name)) return w.text;
  return w.other(expected);
}

/** @type {() => Field[]} */
let numbers = () => [];
/** The form says which fields are numbers; asking it would go round in a circle. @param {Field[]} fields */
export function learn(fields) {
  const found = fields.filter(f => f.kind === 'number');
  numbers = () => found;
}

/** @param {{ edit: Editing, name: string, id: string }} props */
export function Said({ edit, name, id }) {
  const wrong = wrongs(edit, name);
  const remarks = edit.warnings.value.filter(w => concerns(w.field, name));
  return html`<div id=${id} class="said">
    ${wrong.map(text => html`<p class="wrong"><${Icon} name="warning" size=${14} />${text}</p>`)}
    ${remarks.map(r => html`<p class="remark"><${Icon} name="warning" size=${14} />${words.value.campaign.warnings[`${r.field}.${r.code}`] ?? r.text}</p>`)}
  </div>`;
}

/**
 * @param {{ field: Field, edit: Editing, id: string, children?: Child, wide?: boolean, hint?: string }} props
 */
function Frame({ field, edit, id, children, wide = false, hint = words.value.campaign.fields[field.name].hint }) {
  return html`<div class="field setting ${wide ? 'wide' : ''}">
    <label for=${id}>${words.value.campaign.fields[field.name].label}</label>
    ${children}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    <${Said} edit=${edit} name=${field.name} id="${id}-said" />
  </div>`;
}

/** @param {Editing} edit @param {string} name @param {string} id @param {boolean} [hint] */
const aria = (edit, name, id, hint = true) => ({ id, 'aria-invalid': wrongs(edit, name).length > 0 || undefined, 'aria-describedby': hint ? `${id}-hint ${id}-said` : `${id}-said` });

/** @param {Event} event */
const value = event => /** @type {HTMLInputElement} */ (event.currentTarget).value;

/** @param {{ field: Field, edit: Editing }} props */
function Line({ field, edit }) {
  const id = idOf(field.name);
  const hint = words.value.campaign.fields[field.name].hint !== '';
  return html`<${Frame} field=${field} edit=${edit} id=${id}><input class="input" ...${aria(edit, field.name, id, hint)} type=${field.kind === 'email' ? 'email' : 'text'}
    value=${edit.draft.value?.[field.name]} onInput=${(/** @type {Event} */ e) => edit.set(field.name, /** @type {any} */ (value(e)))} /></${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function Check({ field, edit }) {
  const id = idOf(field.name);
  const w = words.value.campaign.fields[field.name];
  return html`<div class="field setting check"><label class="switch" for=${id}>
      <input type="checkbox" role="switch" ...${aria(edit, field.name, id, w.hint !== '')} checked=${edit.draft.value?.[field.name]}
        onChange=${(/** @type {any} */ e) => edit.set(field.name, /** @type {any} */ (e.currentTarget.checked))} /><span>${w.label}</span></label>
    ${w.hint && html`<p class="hint" id="${id}-hint">${w.hint}</p>`}
    <${Said} edit=${edit} name=${field.name} id="${id}-said" /></div>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function NumberField({ field, edit }) {
  const id = idOf(field.name);
  const w = words.value.campaign;
  const now = /** @type {any} */ (edit.draft.value?.[field.name]);
  const hint = [w.fields[field.name].hint, w.zero[field.zero ?? 'none']].filter(Boolean).join(' ');
  const onInput = (/** @type {Event} */ e) => {
    const text = value(e).trim();
    edit.set(field.name, /** @type {any} */ (/^-?\d{1,12}$/.test(text) ? Number(text) : text));
  };
  const unit = w.units[field.unit ?? 'none'];
  return html`<${Frame} field=${field} edit=${edit} id=${id} hint=${hint}><div class="number">
    <input class="input" inputmode="numeric" autocomplete="off" ...${aria(edit, field.name, id, hint !== '')} value=${now} onInput=${onInput} />
    ${unit && html`<span class="muted">${unit}</span>`}
    ${field.unit === 'seconds' && typeof now === 'number' && now >= 60 && html`<span class="muted figure">= ${span(now)}</span>`}
  </div></${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function Choice({ field, edit }) {
  const id = idOf(field.name);
  const w = words.value.campaign;
  return html`<${Frame} field=${field} edit=${edit} id=${id} wide=${true}><select class="input" ...${aria(edit, field.name, id, w.fields[field.name].hint !== '')}
      value=${edit.draft.value?.[field.name]} onChange=${(/** @type {Event} */ e) => edit.set(field.name, /** @type {any} */ (value(e)))}>
    ${(field.choices ?? []).map(choice => html`<option value=${choice}>${w.choices[field.name]?.[choice] ?? choice}</option>`)}
  </select></${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function QualityField({ field, edit }) {
  const id = idOf(field.name);
  const now = Number(edit.draft.value?.[field.name] ?? 0);
  useEffect(() => void loadModels(), []);
  const known = models.value ?? [];
  return html`<${Frame} field=${field} edit=${edit} id=${id}><select class="input" ...${aria(edit, field.name, id)} value=${String(now)} onChange=${(/** @type {Event} */ e) => edit.set(field.name, /** @type {any} */ (Number(value(e))))}>
    <option value="0">${words.value.quality.unasked}</option>
    ${known.map(model => html`<option value=${String(model.model)}>${model.model} · ${model.name}</option>`)}
    ${now > 0 && !known.some(model => model.model === now) && html`<option value=${String(now)}>${now}</option>`}
  </select></${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function Colour({ field, edit }) {
  const id = idOf(field.name);
  const now = String(edit.draft.value?.[field.name] ?? '');
  const onInput = (/** @type {Event} */ e) => edit.set(field.name, /** @type {any} */ (value(e)));
  return html`<${Frame} field=${field} edit=${edit} id=${id}><div class="number">
    <input class="swatch" type="color" aria-label=${words.value.campaign.editor.pick} value=${/^#[0-9a-f]{6}$/i.test(now) ? now : '#000000'} onInput=${onInput} />
    <input class="input" ...${aria(edit, field.name, id)} maxlength="7" spellcheck=${false} value=${now} onInput=${onInput} /></div></${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function DefaultLanguage({ field, edit }) {
  const id = idOf(field.name);
  const now = edit.draft.value?.default_language ?? '';
  const tags = [...new Set([...LANGUAGES, now])].filter(Boolean);
  return html`<${Frame} field=${field} edit=${edit} id=${id}><select class="input" ...${aria(edit, field.name, id)} value=${now}
    onChange=${(/** @type {Event} */ e) => edit.set('default_language', value(e))}>${tags.map(tag => html`<option value=${tag}>${LANGUAGES.includes(/** @type {any} */ (tag)) ? nameOf(/** @type {any} */ (tag)) : tag}</option>`)}</select></${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function TextsField({ field, edit }) {
  const id = idOf(field.name);
  const w = words.value.campaign;
  const tag = edit.language.value;
  const texts = /** @type {Texts} */ (edit.draft.value?.[field.name] ?? {});
  const onInput = (/** @type {Event} */ e) => edit.set(field.name, /** @type {any} */ ({ ...texts, [tag]: value(e) }));
  const props = { ...aria(edit, field.name, id, w.fields[field.name].hint !== ''), lang: tag, value: texts[tag] ?? '', onInput };
  return html`<${Frame} field=${field} edit=${edit} id=${id} wide=${true}>${field.short
    ? html`<input class="input" ...${props} />`
    : html`<textarea class="input" rows="3" ...${props}></textarea>`}</${Frame}>`;
}

/** @param {{ field: Field, edit: Editing }} props */
function Extra({ field, edit }) {
  const w = words.value.campaign;
  const now = edit.draft.value?.extra_field;
  const ids = [useId(), useId(), useId(), useId()];
  if (!now) return null;
  const set = (/** @type {Partial<typeof now>} */ change) => edit.set('extra_field', { ...now, ...change });
  const check = (/** @type {'visible' | 'required'} */ name, /** @type {string} */ id) => html`<label class="switch" for=${id}><input type="checkbox" role="switch" id=${id} checked=${now[name]} onChange=${(/** @type {any} */ e) => set({ [name]: e.currentTarget.checked })} /><span>${w.extra[name]}</span></label>`;
  return html`<fieldset class="group wide" id=${idOf(field.name)} tabindex="-1"><legend>${w.fields[field.name].label}</legend>
    <p class="hint">${w.fields[field.name].hint}</p>
    <div class="checks">${check('visible', ids[0])}${now.visible && check('required', ids[1])}</div>
    ${now.visible && html`
      <${Languages} edit=${edit} texts=${[now.label]} />
      <div class="field"><label for=${ids[2]}>${w.extra.label}</label><input class="input" id=${ids[2]} lang=${edit.language.value} aria-invalid=${wrongs(edit, 'extra_field.label').length > 0 || undefined} aria-describedby="${ids[2]}-said"
        value=${now.label[edit.language.value] ?? ''} onInput=${(/** @type {Event} */ e) => set({ label: { ...now.label, [edit.language.value]: value(e) } })} /><${Said} edit=${edit} name="extra_field.label" id="${ids[2]}-said" /></div>
      <div class="field"><label for=${ids[3]}>${w.extra.pattern}</label><input class="input code" id=${ids[3]} spellcheck=${false} autocomplete="off" aria-invalid=${wrongs(edit, 'extra_field.pattern').length > 0 || undefined} aria-describedby="${ids[3]}-hint ${ids[3]}-said"
        value=${now.pattern} onInput=${(/** @type {Event} */ e) => set({ pattern: value(e) })} /><p class="hint" id="${ids[3]}-hint">${w.extra.patternHint}</p><${Said} edit=${edit} name="extra_field.pattern" id="${ids[3]}-said" /></div>`}
  </fieldset>`;
}

const FILE_KIB = 51_200;
const KINDS = /** @type {const} */ (['image', 'document', 'text', 'audio', 'video']);

/** @param {{ field: Field, edit: Editing }} props */
function Files({ field, edit }) {
  const w = words.value.campaign;
  const now = edit.draft.value?.files;
  const id = useId();
  if (!now) return null;
  const set = (/** @type {Partial<typeof now>} */ change) => edit.set('files', { ...now, ...change });
  const kind = (/** @type {typeof KINDS[number]} */ name) => html`<label class="switch"><input type="checkbox" role="switch" checked=${now.kinds.includes(name)}
    onChange=${(/** @type {any} */ e) => set({ kinds: KINDS.filter(k => (k === name ? e.currentTarget.checked : now.kinds.includes(k))) })} /><span>${w.files[name]}</span></label>`;
  return html`<fieldset class="group wide" id=${idOf(field.name)} tabindex="-1"><legend>${w.fields[field.name].label}</legend>
    <p class="hint">${w.fields[field.name].hint}</p>
    <div class="checks"><label class="switch"><input type="checkbox" role="switch" checked=${now.allowed} onChange=${(/** @type {any} */ e) => set({ allowed: e.currentTarget.checked })} /><span>${w.files.allowed}</span></label></div>
    ${now.allowed && html`<div class="checks">${KINDS.map(kind)}</div><${Said} edit=${edit} name="files.kinds" id="${id}-kinds" />
      <div class="field"><label for=${id}>${w.files.size}</label><input class="input" type="number" min="1" max=${FILE_KIB} id=${id} aria-invalid=${wrongs(edit, 'files.max_kib').length > 0 || undefined} aria-describedby="${id}-said"
        value=${now.max_kib} onInput=${(/** @type {any} */ e) => set({ max_kib: e.currentTarget.valueAsNumber || 0 })} /><${Said} edit=${edit} name="files.max_kib" id="${id}-said" /></div>`}
  </fieldset>`;
}

/** Chooses whose texts are on screen, and tells which are written. @param {{ edit: Editing, texts: Texts[] }} props */
export function Languages({ edit, texts }) {
  const w = words.value.campaign.editor;
  const others = texts.flatMap(one => Object.keys(one)).filter(tag => !LANGUAGES.includes(/** @type {any} */ (tag)));
  const tags = [...new Set([...LANGUAGES, ...others])];
  return html`<div class="languages-bar"><span class="muted">${w.language}</span><div class="segments" role="group" aria-label=${w.language}>
    ${tags.map(tag => {
      const written = texts.filter(one => one[tag]?.trim()).length;
      const name = LANGUAGES.includes(/** @type {any} */ (tag)) ? nameOf(/** @type {any} */ (tag)) : tag;
      return html`<button type="button" aria-pressed=${edit.language.value === tag} title=${w.filled(written, texts.length)} onClick=${() => (edit.language.value = tag)}>${name}
        <span class="small muted figure" aria-hidden="true">${written}/${texts.length}</span><span class="hidden">, ${w.filled(written, texts.length)}</span></button>`;
    })}</div></div>`;
}

/** @param {string} text @returns {string[]} */
const readDomains = text => text.split(/[\n,]/).map(line => line.trim()).filter(Boolean);
/** @param {string[]} domains */
const writeDomains = domains => domains.join('\n');
/** @param {string} text */
const readLines = text => text.split('\n').map(line => line.trim()).filter(line => line);
/** @param {string[]} list */
const writeLines = list => list.join('\n');
/** @param {string} text @returns {string[][]} */
const readPaths = text => text.split('\n').filter(line => line.trim()).map(line => line.split('>').map(step => step.trim()));
/** @param {string[][]} paths */
const writePaths = paths => paths.map(path => path.join(' > ')).join('\n');

/**
 * A list as lines of a text.
 * @param {{ field: Field, edit: Editing, read: (text: string) => any, write: (list: any) => string }} props
 */
function Lines({ field, edit, read, write }) {
  const id = idOf(field.name);
  const now = edit.draft.value?.[field.name];
  const [text, setText] = useState(() => write(now));
  // What was typed stays as it is unless the list changed under it.
  const shown = JSON.stringify(read(text)) === JSON.stringify(now) ? text : write(now);
  const lines = edit.problems.value.map(p => new RegExp(`^${field.name}\\[(\\d+)\\]`).exec(p.field)?.[1]).filter(n => n !== undefined && Number(n) < /** @type {any[]} */ (now).length).map(n => write([/** @type {any[]} */ (now)[Number(n)]]));
  const onInput = (/** @type {Event} */ e) => {
    setText(value(e));
    edit.set(field.name, read(value(e)));
  };
  return html`<${Frame} field=${field} edit=${edit} id=${id} wide=${true}><textarea class="input code" rows="4" spellcheck=${false} ...${aria(edit, field.name, id)} value=${shown} onInput=${onInput}></textarea>
    ${lines.length > 0 && html`<p class="wrong"><${Icon} name="late" size=${14} />${lines.join(', ')}</p>`}</${Frame}>`;
}
