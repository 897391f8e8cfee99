// Somebody else saved the campaign first: who and what, and how to go on.

/** @import { Editing } from './editing.js' */

import { html } from '../vendor/preact.js';
import { words } from '../lib/words.js';
import { Dialog } from '../views/dialog.js';
import { Changes, together } from './history.js';

/** @param {{ edit: Editing, save: () => void }} props */
export function ConflictDialog({ edit, save }) {
  const w = words.value.campaign.conflict;
  const found = edit.conflict.value;
  if (!found) return null;
  const who = [...new Set(found.since.map(one => one.by ?? words.value.campaign.history.nobody))].join(', ');
  const go = (/** @type {'merge' | 'mine' | 'theirs'} */ how) => () => {
    edit.goOn(how);
    if (how === 'mine') save();
  };
  return html`<${Dialog} title=${w.title} wide=${true} onClose=${() => (edit.conflict.value = null)}><p>${w.text(who || words.value.campaign.history.nobody)}</p>
    <${Changes} changes=${together(found.since)} />
    <footer class="dialog-foot"><button type="button" class="button" onClick=${go('theirs')}>${w.theirs}</button><button type="button" class="button danger" onClick=${go('mine')}>${w.mine}</button>
      <button type="button" class="button primary" autofocus onClick=${go('merge')}>${w.merge}</button></footer></${Dialog}>`;
}
