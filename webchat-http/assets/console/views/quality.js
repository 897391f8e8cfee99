// The questions of the quality model, asked after the agent closed a chat. They can be left for later, or for good.

/** @import { QualityModel, Question } from '../types.js' */

import { html, useEffect, useId, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { words } from '../lib/words.js';
import { ask, ended, evaluate, nameOf } from '../desk/desk.js';
import { Dialog, shutDialog } from './dialog.js';
import { Icon } from './icons.js';

/** @param {{ id: string }} props */
export function QualityDialog({ id }) {
  const w = words.value.quality;
  const chat = ended.value.find(c => c.id === id);
  const model = useSignal(/** @type {(QualityModel & { model: number }) | null} */ (null));
  const answers = useSignal(/** @type {(number | null)[]} */ ([]));
  const missing = useSignal(false);
  const busy = useSignal(false);
  useEffect(() => {
    (async () => {
      const asked = await ask('quality', { chat: id });
      if (!asked?.quality) {
        if (asked && chat) chat.evaluated.value = true;
        return shutDialog();
      }
      answers.value = questionsOf(asked.quality).map(() => null);
      model.value = asked.quality;
    })();
  }, [id]);
  if (!model.value) return null;
  const { categories, model: version } = model.value;
  const all = questionsOf(model.value);
  const open = all.some((q, i) => q.mandatory && answers.value[i] == null);
  const go = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (open) {
      missing.value = true;
      const first = all.findIndex((q, i) => q.mandatory && answers.value[i] == null);
      const box = /** @type {HTMLElement | null} */ (document.querySelector(`[data-question="${first}"] input`));
      return box?.focus();
    }
    busy.value = true;
    const done = await evaluate(id, version, answers.value);
    busy.value = false;
    if (!done) return;
    if (chat) chat.evaluated.value = true;
    shutDialog();
    notice('good', done.score ? w.thanks(done.score.points, done.score.most) : w.noScore);
  };
  let at = 0;
  return html`<${Dialog} title=${chat ? w.title(nameOf(chat)) : w.open} wide=${true}>
    <form class="quality" onSubmit=${go}>
      <div class="questions">
        <p class="muted">${w.text}</p>
        ${categories.map(category => html`<section><h3>${category.name}</h3>
          ${category.questions.map(question => {
            const place = at++;
            return html`<${Asked} key=${place} place=${place} question=${question} chosen=${answers.value[place]} missing=${missing.value}
              choose=${(/** @type {number | null} */ n) => (answers.value = answers.value.with(place, n))} />`;
          })}</section>`)}
      </div>
      <footer class="dialog-foot"><button type="button" class="button" onClick=${shutDialog}>${w.later}</button>
        <button type="submit" class="button primary" disabled=${busy.value}>${w.go}</button></footer>
    </form>
  </${Dialog}>`;
}

/** @param {QualityModel} model */
export const questionsOf = model => model.categories.flatMap(c => c.questions);

/** @param {{ place: number, question: Question, chosen: number | null, missing: boolean, choose: (answer: number | null) => void }} props */
export function Asked({ place, question, chosen, missing, choose }) {
  const w = words.value.quality;
  const group = useId();
  const wrong = missing && question.mandatory && chosen == null;
  return html`<fieldset class="question" data-question=${place} aria-describedby=${wrong ? `${group}-wrong` : undefined}>
    <legend>${question.text}${!question.mandatory && html` <span class="muted">${words.value.common.optional}</span>`}</legend>
    <div class="answers">
      ${question.answers.map((answer, i) => html`<label class="choice" key=${i}><input type="radio" name=${group} autofocus=${place === 0 && i === 0} checked=${chosen === i} onChange=${() => choose(i)} /><span>${answer.text}</span></label>`)}
      ${!question.mandatory && chosen != null && html`<button type="button" class="link-button" onClick=${() => choose(null)}>${w.clear}</button>`}
    </div>
    ${wrong && html`<p class="wrong" id=${`${group}-wrong`}><${Icon} name="warning" size=${14} />${w.missing}</p>`}
  </fieldset>`;
}
