// Opening hours: always, or ranges by the day of the week in a time zone, with dates that have other hours.

/** @import { ClosedDates, Hours, Range, Schedule, ScheduleException } from '../types.js' */
/** @import { Editing } from './editing.js' */

import { html, useId, useRef, useSignal } from '../vendor/preact.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Said, idOf, wrongs } from './controls.js';
import { VisitCheck } from './visit.js';
import { DAYS } from './week.js';
import { WeekGrid } from './week-grid.js';

/** @import { DayName } from './week.js' */

const WORK = { start: '09:00', end: '18:00' };

/** @param {Event} event */
const value = event => /** @type {HTMLInputElement} */ (event.currentTarget).value;

/** @param {{ edit: Editing }} props */
export function ScheduleField({ edit }) {
  const w = words.value.campaign;
  const schedule = edit.draft.value?.schedule ?? {};
  const ranges = schedule.ranges ?? [];
  const exceptions = schedule.exceptions ?? [];
  const always = schedule.always ?? (ranges.length === 0 && exceptions.length === 0 && !schedule.zone);
  const zoneId = useId();
  const zones = useId();
  const needsZone = !always || exceptions.length > 0;
  const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
  /** @param {Schedule} change */
  const set = change => {
    const next = { ...schedule, always, ...change };
    edit.set('schedule', { ...next, zone: next.zone || (next.always && !next.exceptions?.length ? '' : here()) });
  };
  const turn = (/** @type {boolean} */ on) => set(on ? { always: true, ranges: [] } : { always: false, ranges: ranges.length ? ranges : DAYS.slice(0, 5).map(day => ({ day, ...WORK })) });
  const setRanges = (/** @type {Range[]} */ next) => set({ ranges: next });
  const copy = () => {
    const monday = ranges.filter(r => r.day === 'mon');
    setRanges([...ranges.filter(r => r.day === 'sat' || r.day === 'sun'), ...DAYS.slice(0, 5).flatMap(day => monday.map(r => ({ ...r, day })))]);
  };
  return html`<fieldset class="group wide" id=${idOf('schedule')} tabindex="-1"><legend>${w.fields.schedule.label}</legend>
    <div class="segments" role="group" aria-label=${w.fields.schedule.label}>
      <button type="button" aria-pressed=${always} onClick=${() => turn(true)}>${w.hours.always}</button>
      <button type="button" aria-pressed=${!always} onClick=${() => turn(false)}>${w.hours.weekly}</button>
    </div>
    ${needsZone && html`<div class="field"><label for=${zoneId}>${w.hours.zone}</label>
      <input class="input" id=${zoneId} list=${zones} spellcheck=${false} aria-invalid=${wrongs(edit, 'schedule.zone').length > 0 || undefined} aria-describedby="${zoneId}-said" value=${schedule.zone ?? ''} onInput=${(/** @type {Event} */ e) => edit.set('schedule', { ...schedule, zone: value(e) })} />
      <datalist id=${zones}>${Intl.supportedValuesOf('timeZone').map(zone => html`<option value=${zone}></option>`)}</datalist>
      <${Said} edit=${edit} name="schedule.zone" id="${zoneId}-said" /></div>`}
    ${!always && html`<${WeekGrid} ranges=${ranges} set=${setRanges} /><div class="week">${DAYS.map(day => html`<${DayRow} key=${day} day=${day} ranges=${ranges} edit=${edit} set=${setRanges} />`)}</div>
      <div><button type="button" class="button small" onClick=${copy}>${w.hours.copy}</button></div>`}
    <h3>${w.hours.exceptions}</h3>
    ${exceptions.length === 0 && html`<p class="hint">${w.hours.none}</p>`}
    ${exceptions.map((one, i) => html`<${DateRow} key=${i} one=${one} index=${i} edit=${edit} set=${(/** @type {ScheduleException | null} */ next) => set({ exceptions: next ? exceptions.with(i, next) : exceptions.toSpliced(i, 1) })} />`)}
    <div><button type="button" class="button small" onClick=${() => set({ exceptions: [...exceptions, { date: '', ranges: [], name: '' }] })}><${Icon} name="plus" size=${14} />${w.hours.addDate}</button> <${Import} exceptions=${exceptions} set=${(/** @type {ScheduleException[]} */ next) => set({ exceptions: next })} /></div>
    <${Said} edit=${edit} name="schedule" id="${idOf('schedule')}-said" />
    <${VisitCheck} edit=${edit} />
  </fieldset>`;
}

/** Takes closed dates out of a calendar file; one that is there already keeps its hours. @param {{ exceptions: ScheduleException[], set: (next: ScheduleException[]) => void }} props */
function Import({ exceptions, set }) {
  const w = words.value.campaign.hours;
  const file = useRef(/** @type {HTMLInputElement | null} */ (null));
  const told = useSignal(/** @type {{ added: number, skipped: string[], wrong: string }} */ ({ added: -1, skipped: [], wrong: '' }));
  const read = async (/** @type {any} */ event) => {
    const [chosen] = event.currentTarget.files;
    if (!chosen) return;
    try {
      const found = /** @type {ClosedDates} */ (await call('POST', '/closed-dates', new Blob([await chosen.arrayBuffer()], { type: 'text/calendar' })));
      const fresh = found.exceptions.filter(one => !exceptions.some(known => known.date === one.date));
      told.value = { added: fresh.length, skipped: found.skipped.map(p => `${p.field}: ${p.value}`), wrong: '' };
      if (fresh.length) set([...exceptions, ...fresh].sort((a, b) => (a.date < b.date ? -1 : 1)));
    } catch (error) {
      const [problem] = error instanceof Refusal ? error.problems : [];
      told.value = { added: -1, skipped: [], wrong: problem ? `${problem.value ?? ''}: ${words.peek().campaign.problem.other(problem.expected ?? '')}` : words.peek().refusal(codeOf(error)) };
    }
    if (file.current) file.current.value = '';
  };
  const { added, skipped, wrong } = told.value;
  return html`<button type="button" class="button small" onClick=${() => file.current?.click()}>${w.importFile}</button><input ref=${file} type="file" accept=".ics,text/calendar" hidden aria-label=${w.importFile} onChange=${read} />
    <div role="status">${wrong && html`<p class="wrong"><${Icon} name="warning" size=${14} />${wrong}</p>`}${added >= 0 && html`<p class="hint">${w.imported(added)}</p>`}
      ${skipped.length > 0 && html`<p class="remark"><${Icon} name="warning" size=${14} />${w.leftOut(skipped.length)}</p><ul class="hint">${skipped.map(text => html`<li>${text}</li>`)}</ul>`}</div>`;
}

/** @param {{ day: DayName, ranges: Range[], edit: Editing, set: (next: Range[]) => void }} props */
function DayRow({ day, ranges, edit, set }) {
  const w = words.value.campaign;
  const own = ranges.map((range, index) => ({ range, index })).filter(x => x.range.day === day);
  return html`<div class="day"><span class="day-name">${w.days[day]}</span>
    <div class="day-ranges">
      ${own.length === 0 && html`<span class="muted">${w.hours.closed}</span>`}
      ${own.map(({ range, index }) => html`<${HoursRow} key=${index} hours=${range} name=${w.days[day]} path=${`schedule.ranges[${index}]`} edit=${edit}
        set=${(/** @type {Hours | null} */ next) => set(next ? ranges.with(index, { day, ...next }) : ranges.toSpliced(index, 1))} />`)}
    </div>
    <button type="button" class="icon-button" aria-label=${w.hours.add(w.days[day])} title=${w.hours.add(w.days[day])} onClick=${() => set([...ranges, { day, ...(own.length ? { start: '', end: '' } : WORK) }])}><${Icon} name="plus" /></button>
  </div>`;
}

/** @param {{ one: ScheduleException, index: number, edit: Editing, set: (next: ScheduleException | null) => void }} props */
function DateRow({ one, index, edit, set }) {
  const w = words.value.campaign.hours;
  const path = `schedule.exceptions[${index}]`;
  const name = one.name || one.date || w.date;
  return html`<div class="date-row">
    <input class="input" type="date" aria-label=${w.date} aria-invalid=${wrongs(edit, `${path}.date`).length > 0 || undefined} value=${one.date} onInput=${(/** @type {Event} */ e) => set({ ...one, date: value(e) })} />
    <input class="input" maxlength="80" aria-label=${w.what} placeholder=${w.what} value=${one.name ?? ''} onInput=${(/** @type {Event} */ e) => set({ ...one, name: value(e) })} />
    <div class="day-ranges">
      ${one.ranges.length === 0 && html`<span class="muted">${w.closed}</span>`}
      ${one.ranges.map((hours, i) => html`<${HoursRow} key=${i} hours=${hours} name=${name} path=${`${path}.ranges[${i}]`} edit=${edit}
        set=${(/** @type {Hours | null} */ next) => set({ ...one, ranges: next ? one.ranges.with(i, next) : one.ranges.toSpliced(i, 1) })} />`)}
    </div>
    <button type="button" class="icon-button" aria-label=${`${w.addHours}: ${name}`} title=${w.addHours} onClick=${() => set({ ...one, ranges: [...one.ranges, { ...WORK }] })}><${Icon} name="plus" /></button>
    <button type="button" class="icon-button" aria-label=${w.remove(name)} title=${w.remove(name)} onClick=${() => set(null)}><${Icon} name="trash" /></button>
  </div>`;
}

/** @param {{ hours: Hours, name: string, path: string, edit: Editing, set: (next: Hours | null) => void }} props */
function HoursRow({ hours, name, path, edit, set }) {
  const w = words.value.campaign.hours;
  const time = (/** @type {'start' | 'end'} */ end, /** @type {string} */ label) => html`<input class="input time" inputmode="numeric" maxlength="5" placeholder="00:00" aria-label=${`${name}, ${label}`}
    aria-invalid=${wrongs(edit, `${path}.${end}`).length > 0 || undefined} value=${hours[end]} onInput=${(/** @type {Event} */ e) => set({ start: hours.start, end: hours.end, [end]: value(e) })} onChange=${(/** @type {Event} */ e) => set({ start: hours.start, end: hours.end, [end]: tidy(value(e)) })} />`;
  return html`<span class="hours">${time('start', w.from)}<span aria-hidden="true">–</span>${time('end', w.to)}
    <button type="button" class="icon-button" aria-label=${w.remove(`${name} ${hours.start}–${hours.end}`)} onClick=${() => set(null)}><${Icon} name="close" size=${14} /></button></span>`;
}

/** @param {string} text `9`, `930` or `9:30` as typed @returns {string} `09:00`, `09:30` */
export function tidy(text) {
  const found = /^(\d{1,2})(?::?(\d{2}))?$/.exec(text.trim());
  return found ? `${found[1].padStart(2, '0')}:${found[2] ?? '00'}` : text;
}
