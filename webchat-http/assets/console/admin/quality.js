// Quality models: every version there is, and a new one from scratch or from an older one.

/** @import { Answer, Category, QualityModel, Question } from '../types.js' */

import { html, signal, useEffect, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';

/** All versions, the latest last; null until they are loaded. */
export const models = signal(/** @type {QualityModel[] | null} */ (null));

const SCORE = 1000;

/** @returns {Promise<string | null>} why they could not be loaded */
export async function loadModels() {
  try {
    models.value = await call('GET', '/quality-models');
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** @returns {Question} */
const question = () => ({ text: '', mandatory: true, answers: [{ text: '', score: 0 }, { text: '', score: 10 }] });
/** @returns {Category} */
const category = () => ({ name: '', questions: [question()] });

export function Quality() {
  const w = words.value.quality;
  const failed = useSignal(/** @type {string | null} */ (null));
  const draft = useSignal(/** @type {QualityModel | null} */ (null));
  useEffect(() => void loadModels().then(code => (failed.value = code)), []);
  const count = (/** @type {QualityModel} */ model) => model.categories.reduce((sum, c) => sum + c.questions.length, 0);
  return html`<main class="page" id="main" tabindex="-1"><div class="page-head"><div><h1>${w.models}</h1><p class="muted">${w.lead}</p></div>
      ${!draft.value && html`<button type="button" class="button primary" onClick=${() => (draft.value = { name: '', categories: [category()] })}><${Icon} name="plus" />${w.add}</button>`}</div>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${draft.value ? html`<${Editor} draft=${draft} />`
      : models.value === null ? !failed.value && html`<p class="muted">${words.value.common.loading}</p>`
      : models.value.length === 0 ? html`<p class="muted">${w.none}</p>`
      : html`<div class="table-frame"><table class="table"><thead><tr><th scope="col">${w.version}</th><th scope="col">${w.name}</th><th scope="col">${w.question}</th><th scope="col"><span class="hidden">${w.copy}</span></th></tr></thead>
        <tbody>${models.value.toReversed().map(model => html`<tr key=${model.model}><td class="figure">${model.model}</td><th scope="row">${model.name}</th><td>${w.questions(count(model))}</td>
          <td class="last"><button type="button" class="button small" aria-label=${`${w.copy}: ${model.name}`} onClick=${() => (draft.value = { name: model.name, categories: model.categories })}>${w.copy}</button></td></tr>`)}</tbody></table></div>`}
  </main>`;
}

/** @param {{ draft: import('../vendor/preact.js').Signal<QualityModel | null> }} props */
function Editor({ draft }) {
  const w = words.value.quality;
  const wrong = useSignal(/** @type {string[]} */ ([]));
  const busy = useSignal(false);
  const model = draft.value;
  if (!model) return null;
  const set = (/** @type {Partial<QualityModel>} */ part) => {
    draft.value = { ...model, ...part };
    wrong.value = [];
  };
  const inCategory = (/** @type {number} */ c, /** @type {Partial<Category>} */ part) => set({ categories: model.categories.with(c, { ...model.categories[c], ...part }) });
  const inQuestion = (/** @type {number} */ c, /** @type {number} */ q, /** @type {Partial<Question>} */ part) => inCategory(c, { questions: model.categories[c].questions.with(q, { ...model.categories[c].questions[q], ...part }) });
  const inAnswer = (/** @type {number} */ c, /** @type {number} */ q, /** @type {number} */ a, /** @type {Partial<Answer>} */ part) => inQuestion(c, q, { answers: model.categories[c].questions[q].answers.with(a, { ...model.categories[c].questions[q].answers[a], ...part }) });
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    busy.value = true;
    try {
      const added = await call('POST', '/quality-models', model);
      await loadModels();
      draft.value = null;
      notice('good', w.saved(added.model));
      return;
    } catch (error) {
      if (error instanceof Refusal && error.problems.length) wrong.value = error.problems.map(p => p.field);
      else if (codeOf(error) === 'bad_request') wrong.value = ['score'];
      else notice('bad', words.peek().refusal(codeOf(error)));
    }
    busy.value = false;
  };
  const field = (/** @type {string} */ path, /** @type {string} */ label, /** @type {string | number} */ value, /** @type {(text: string) => void} */ put, more = {}) => html`<input class="input" aria-label=${label} placeholder=${label} aria-invalid=${wrong.value.includes(path) || undefined} value=${value} onInput=${(/** @type {any} */ e) => put(e.currentTarget.value)} ...${more} />`;
  const remove = (/** @type {string} */ label, /** @type {() => void} */ act, shown = true) => shown && html`<button type="button" class="icon-button" aria-label=${`${words.value.common.remove}: ${label}`} title=${words.value.common.remove} onClick=${act}><${Icon} name="trash" /></button>`;
  return html`<form class="quality-editor" onSubmit=${save} novalidate>
    ${wrong.value.length > 0 && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${w.invalid}</p>`}
    <div class="field"><span class="label">${w.name}</span>${field('name', w.name, model.name, name => set({ name }), { maxlength: 80, autofocus: true })}</div>
    ${model.categories.map((cat, c) => html`<section class="card" key=${c}>
      <div class="line">${field(`categories[${c}].name`, `${w.category} ${c + 1}`, cat.name, name => inCategory(c, { name }), { maxlength: 80 })}
        ${remove(`${w.category} ${c + 1}`, () => set({ categories: model.categories.toSpliced(c, 1) }), model.categories.length > 1)}</div>
      ${cat.questions.map((quest, q) => html`<fieldset class="question" key=${q}>
        <legend class="hidden">${w.question} ${q + 1}</legend>
        <div class="line">${field(`categories[${c}].questions[${q}].text`, `${w.question} ${q + 1}`, quest.text, text => inQuestion(c, q, { text }))}
          <label class="switch"><input type="checkbox" role="switch" checked=${quest.mandatory} onChange=${(/** @type {any} */ e) => inQuestion(c, q, { mandatory: e.currentTarget.checked })} /><span>${w.mandatory}</span></label>
          ${remove(`${w.question} ${q + 1}`, () => inCategory(c, { questions: cat.questions.toSpliced(q, 1) }), cat.questions.length > 1)}</div>
        ${quest.answers.map((answer, a) => html`<div class="line answer" key=${a}>
          ${field(`categories[${c}].questions[${q}].answers[${a}].text`, `${w.answer} ${a + 1}`, answer.text, text => inAnswer(c, q, a, { text }))}
          ${field(`categories[${c}].questions[${q}].answers[${a}].score`, `${w.score} ${a + 1}`, answer.score, text => inAnswer(c, q, a, { score: /** @type {any} */ (/^-?\d{1,4}$/.test(text) ? Number(text) : text) }), { type: 'number', min: -SCORE, max: SCORE })}
          ${remove(`${w.answer} ${a + 1}`, () => inQuestion(c, q, { answers: quest.answers.toSpliced(a, 1) }), quest.answers.length > 2)}</div>`)}
        <button type="button" class="link-button" onClick=${() => inQuestion(c, q, { answers: [...quest.answers, { text: '', score: 0 }] })}>${w.addAnswer}</button>
      </fieldset>`)}
      <button type="button" class="button small" onClick=${() => inCategory(c, { questions: [...cat.questions, question()] })}><${Icon} name="plus" size=${14} />${w.addQuestion}</button>
    </section>`)}
    <div><button type="button" class="button" onClick=${() => set({ categories: [...model.categories, category()] })}><${Icon} name="plus" />${w.addCategory}</button></div>
    <footer class="save-bar"><span class="push" role="status"></span><button type="button" class="button" onClick=${() => (draft.value = null)}>${words.value.common.cancel}</button>
      <button type="submit" class="button primary" disabled=${busy.value}>${busy.value ? words.value.common.saving : words.value.common.save}</button></footer>
  </form>`;
}
