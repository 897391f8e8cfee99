// Evaluating an agent's part of a recording by the questions of a quality model.

/** @import { QualityModel, Recording } from '../types.js' */

import { html, useEffect, useId, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { codeOf } from '../lib/refusal.js';
import { call } from '../lib/rest.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';
import { Asked, questionsOf } from '../views/quality.js';

/** @param {{ recording: Recording, people: { agent: number, name: string }[], done: () => void }} props */
export function Judging({ recording, people, done }) {
  const w = words.value.reading;
  const models = useSignal(/** @type {QualityModel[] | null} */ (null));
  const version = useSignal(0);
  const agent = useSignal(recording.agent ?? people[0].agent);
  const answers = useSignal(/** @type {(number | null)[]} */ ([]));
  const missing = useSignal(false);
  const failed = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  const id = useId();
  const pick = (/** @type {number} */ chosen) => {
    version.value = chosen;
    const model = models.peek()?.find(known => known.model === chosen);
    answers.value = model ? questionsOf(model).map(() => null) : [];
  };
  useEffect(() => {
    (async () => {
      try {
        const known = /** @type {QualityModel[]} */ (await call('GET', '/quality-models'));
        models.value = known;
        // The one already answered, so that both views can be compared; else the newest.
        pick(recording.evaluations[0]?.model ?? known.at(-1)?.model ?? 0);
      } catch (error) {
        failed.value = codeOf(error);
      }
    })();
  }, []);
  const model = models.value?.find(known => known.model === version.value);
  const all = model ? questionsOf(model) : [];
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (all.some((question, i) => question.mandatory && answers.value[i] == null)) {
      missing.value = true;
      return;
    }
    busy.value = true;
    try {
      const { score } = await call('POST', `/recordings/${recording.chat}/evaluations`, { agent: agent.value, model: version.value, answers: answers.value });
      notice('good', w.kept(score ? `${score.points} / ${score.most}` : words.value.recordings.noScore));
      done();
    } catch (error) {
      failed.value = codeOf(error);
    }
    busy.value = false;
  };
  if (models.value && !model) return html`<p class="callout">${w.noModels}</p>`;
  return html`<form class="judging" aria-label=${w.evaluating} onSubmit=${save}><h3>${w.evaluating}</h3>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    <div class="finder"><div class="field"><label for="${id}-agent">${w.about}</label><select id="${id}-agent" class="input" value=${agent.value} onChange=${(/** @type {any} */ e) => (agent.value = Number(e.currentTarget.value))}>${people.map(one => html`<option value=${one.agent}>${one.name}</option>`)}</select></div>
      <div class="field"><label for="${id}-model">${w.model}</label><select id="${id}-model" class="input" value=${version.value} onChange=${(/** @type {any} */ e) => pick(Number(e.currentTarget.value))}>${(models.value ?? []).map(known => html`<option value=${known.model}>${known.name} · ${known.model}</option>`)}</select></div></div>
    ${model && html`<div class="questions">${all.map((question, place) => html`<${Asked} key=${`${version.value} ${place}`} place=${place} question=${question} chosen=${answers.value[place]} missing=${missing.value} choose=${(/** @type {number | null} */ n) => (answers.value = answers.value.with(place, n))} />`)}</div>`}
    <p class="reading-foot"><button type="submit" class="button primary" disabled=${busy.value || !model}>${w.save}</button></p></form>`;
}
