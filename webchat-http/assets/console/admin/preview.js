// The real window in a frame, told about the draft instead of what is saved.

/** @import { Editing } from './editing.js' */

import { html, useEffect, useRef, useSignal } from '../vendor/preact.js';
import { LANGUAGES, nameOf, words } from '../lib/words.js';
import { Icon } from '../views/icons.js';

const SCENES = /** @type {const} */ (['form', 'chat', 'ended', 'out_of_time', 'not_available']);
/** Time without a change after which the draft is tried out. */
const PAUSE = 300;

/** @param {{ edit: Editing }} props */
export function Preview({ edit }) {
  const w = words.value.campaign.preview;
  const scene = useSignal(/** @type {typeof SCENES[number]} */ ('form'));
  const ready = useSignal(0);
  const failed = useSignal(false);
  const frame = useRef(/** @type {HTMLIFrameElement | null} */ (null));
  const draft = edit.draft.value;
  const tag = edit.language.value;
  const trial = edit.trial.value;
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(async () => {
      const found = await edit.tryOut();
      if (stale) return;
      failed.value = !found;
      if (!found) return;
      edit.trial.value = found;
      edit.warnings.value = found.warnings;
    }, PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [draft, tag]);
  useEffect(() => {
    const heard = (/** @type {MessageEvent} */ event) => {
      if (event.origin === location.origin && event.source === frame.current?.contentWindow && event.data === 'ready') ready.value += 1;
    };
    addEventListener('message', heard);
    return () => removeEventListener('message', heard);
  }, []);
  useEffect(() => {
    if (!trial || !ready.value) return;
    frame.current?.contentWindow?.postMessage({ window: trial.window, texts: trial.texts, scene: scene.value, agent: w.agent, line: w.line }, location.origin);
  }, [trial, scene.value, ready.value, w]);
  const choice = (/** @type {boolean} */ on, /** @type {string} */ label, /** @type {() => void} */ act) => html`<button type="button" aria-pressed=${on} onClick=${act}>${label}</button>`;
  return html`<aside class="card preview" aria-labelledby="section-preview"><h2 id="section-preview" tabindex="-1">${w.title}</h2>
    <div class="segments" role="group" aria-label=${w.language}>${LANGUAGES.map(one => choice(tag === one, nameOf(one), () => (edit.language.value = one)))}</div>
    <div class="segments" role="group" aria-label=${w.scene}>${SCENES.map(one => choice(scene.value === one, w.scenes[one], () => (scene.value = one)))}</div>
    ${failed.value && html`<p class="remark"><${Icon} name="warning" size=${14} />${w.failed}</p>`}
    ${edit.leftOut.value.length > 0 && html`<p class="remark"><${Icon} name="warning" size=${14} /><span>${w.leftOut(edit.leftOut.value.map(name => words.value.campaign.fields[name]?.label ?? name).join(', '))}</span></p>`}
    ${trial && html`<div class="preview-frame"><iframe ref=${frame} title=${w.title} src="/console/preview/"></iframe></div>`}
  </aside>`;
}
