// Erasing what a visitor said: first how much there is, then for good.

import { html, useEffect, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { codeOf } from '../lib/refusal.js';
import { call } from '../lib/rest.js';
import { words } from '../lib/words.js';
import { Icon } from '../views/icons.js';

/** @param {{ visitor: string, done: () => void, leave: () => void }} props */
export function Erasing({ visitor, done, leave }) {
  const w = words.value.reading;
  const held = useSignal(/** @type {{ chats: number, live: number, erased: number, messages: number, notes: number, mails: number } | null} */ (null));
  const failed = useSignal(/** @type {string | null} */ (null));
  const busy = useSignal(false);
  useEffect(() => {
    (async () => {
      try {
        held.value = await call('GET', `/erasures?visitor=${visitor}`);
      } catch (error) {
        failed.value = codeOf(error);
      }
    })();
  }, [visitor]);
  const erase = async () => {
    busy.value = true;
    try {
      const { chats } = await call('POST', '/erasures', { visitor });
      notice('good', w.erased(chats));
      done();
    } catch (error) {
      failed.value = codeOf(error);
    }
    busy.value = false;
  };
  const it = held.value;
  return html`<section class="callout erasing" aria-label=${w.erasing}><h3>${w.erasing}</h3>
    ${failed.value && html`<p class="callout bad" role="alert"><${Icon} name="warning" />${words.value.refusal(failed.value)}</p>`}
    ${it && html`<p><strong>${w.held(it.chats, it.messages, it.notes, it.mails)}</strong> ${it.erased > 0 && w.already(it.erased)}</p><p>${w.stays}</p>${it.live > 0 && html`<p class="wrong">${w.liveChat}</p>`}`}
    <p class="reading-foot"><button type="button" class="button danger" disabled=${busy.value || !it || it.live > 0} onClick=${erase}>${w.eraseNow}</button><button type="button" class="button" onClick=${leave}>${w.keep}</button></p></section>`;
}
