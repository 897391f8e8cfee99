// Where the agent writes: a reply for the visitor, or a note nobody outside sees. They look different on purpose.

/** @import { Chat } from '../desk/chat.js' */

import { html, useEffect, useId, useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';
import { notice } from '../lib/alerts.js';
import { upload } from '../lib/rest.js';
import { words } from '../lib/words.js';
import { campaignOf, link, nameOf } from '../desk/desk.js';
import { CannedList, sought, useCanned } from './canned.js';
import { wanted } from './focus.js';
import { Icon } from './icons.js';

const LIMITS = { reply: 4000, note: 2000 };
const TALLEST = 176;

/** @param {{ chat: Chat }} props */
export function Composer({ chat }) {
  const w = words.value.composer;
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  /** What to select once a canned response stands in the reply. */
  const caret = useRef(/** @type {[number, number] | null} */ (null));
  const chooser = useRef(/** @type {HTMLInputElement | null} */ (null));
  const id = useId();
  const { mode } = chat.draft.value;
  const text = chat.draft.value[mode];
  const note = mode === 'note';
  const length = [...text].length;
  const limit = LIMITS[mode];
  const tooLong = length > limit;
  const empty = text.trim() === '';

  /** Variables of a canned response that nothing is known for, still standing in the reply. */
  const unknown = useSignal(/** @type {string[]} */ ([]));
  const open = note ? [] : unknown.value.filter(name => text.includes(`{${name}}`));
  const canned = useCanned(chat, note ? null : sought(text), (response, names) => {
    chat.edit({ reply: response });
    chat.types();
    unknown.value = names;
    // The first gap is where the agent goes on.
    const gap = names.length ? `{${names[0]}}` : '';
    const from = gap ? response.indexOf(gap) : response.length;
    caret.current = [from, from + gap.length];
  });

  // Before it is painted: whoever types on at once types here.
  const called = wanted.value === chat.id;
  useLayoutEffect(() => {
    if (!called) return;
    area.current?.focus();
    wanted.value = null;
  }, [called]);
  useLayoutEffect(() => {
    const box = area.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${Math.min(TALLEST, box.scrollHeight + 2)}px`;
    if (!caret.current) return;
    box.focus();
    box.setSelectionRange(...caret.current);
    caret.current = null;
  }, [text, mode, chat.id]);
  useEffect(() => () => chat.stopTyping(), [chat]);

  const setMode = (/** @type {'reply' | 'note'} */ next) => {
    chat.stopTyping();
    chat.edit({ mode: next });
    area.current?.focus();
  };
  const onInput = (/** @type {Event} */ event) => {
    const value = /** @type {HTMLTextAreaElement} */ (event.currentTarget).value;
    chat.edit({ [mode]: value });
    if (note) return;
    if (value.trim()) chat.types();
    else chat.stopTyping();
  };
  const send = () => {
    if (empty || tooLong) return;
    chat.write(note ? 'note' : 'message', text.trim());
    chat.edit({ [mode]: '' });
    area.current?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (canned.onKey(event)) return;
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const onSubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    send();
  };

  const takesFiles = !note && Boolean(campaignOf(chat.view.value.campaign)?.files) && link.state.value === 'online';
  /** Files under way. */
  const sending = useSignal(0);
  const attach = async (/** @type {FileList | null | undefined} */ list) => {
    const files = [...(list ?? [])];
    if (chooser.current) chooser.current.value = '';
    sending.value += files.length;
    for (const file of files) {
      try {
        await upload(chat.id, file);
      } catch (error) {
        const { code, field } = /** @type {any} */ (error);
        notice('bad', `${file.name}: ${field === 'file.bytes' ? w.tooLarge : field === 'file.kind' ? w.wrongKind : words.peek().refusal(code)}`);
      }
      sending.value -= 1;
    }
    area.current?.focus();
  };
  /** Files that are pasted or dropped are sent; text goes its usual way. @param {Event & { clipboardData?: DataTransfer | null, dataTransfer?: DataTransfer | null }} event */
  const brought = event => {
    const files = (event.clipboardData ?? event.dataTransfer)?.files;
    if (!files?.length) return;
    event.preventDefault();
    if (takesFiles) void attach(files);
  };
  const hover = (/** @type {DragEvent} */ event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  return html`<form class="composer ${note ? 'is-note' : ''}" onSubmit=${onSubmit} onPaste=${brought} onDrop=${brought} onDragOver=${hover}>
    <div class="composer-modes" role="group" aria-label=${w.mode}>
      <button type="button" class="mode" aria-pressed=${!note} onClick=${() => setMode('reply')}><${Icon} name="chat" size=${14} />${w.reply}</button>
      <button type="button" class="mode" aria-pressed=${note} onClick=${() => setMode('note')}><${Icon} name="lock" size=${14} />${w.note}</button>
      <span class="composer-hint">${link.state.value === 'online' ? w.hint : w.offline}</span>
    </div>
    ${canned.open && html`<${CannedList} id=${`${id}-canned`} canned=${canned} />`}
    <div class="composer-row">
      <label class="hidden" for=${id}>${note ? w.noteLabel : w.replyLabel(nameOf(chat))}</label>
      <textarea ref=${area} id=${id} rows="2" class="input" value=${text} placeholder=${note ? w.notePlaceholder : w.replyPlaceholder}
        aria-invalid=${tooLong || undefined} aria-autocomplete=${note ? undefined : 'list'} aria-controls=${canned.open ? `${id}-canned` : undefined}
        aria-activedescendant=${canned.open && canned.shown.length ? `${id}-canned-${canned.active}` : undefined} onInput=${onInput} onKeyDown=${onKeyDown} onBlur=${() => chat.stopTyping()}></textarea>
      ${!note && campaignOf(chat.view.value.campaign)?.files && html`<input ref=${chooser} type="file" hidden multiple aria-label=${w.attach} onChange=${(/** @type {any} */ e) => void attach(e.currentTarget.files)} />
      <button class="icon-button" type="button" aria-label=${w.attach} title=${w.attach} disabled=${!takesFiles} onClick=${() => chooser.current?.click()}><${Icon} name="attach" /></button>`}
      <button class="button primary" type="submit" aria-disabled=${empty || tooLong || undefined} title=${note ? w.addNote : w.send}>
        <${Icon} name=${note ? 'lock' : 'send'} /><span class="action-word">${note ? w.addNote : w.send}</span></button>
    </div>
    ${sending.value > 0 && html`<p class="limit" role="status"><${Icon} name="clock" size=${14} />${w.sendingFiles(sending.value)}</p>`}
    ${open.length > 0 && html`<p class="limit" role="status"><${Icon} name="warning" size=${14} />${words.value.canned.fill(open.map(name => `{${name}}`).join(', '))}</p>`}
    ${length > limit * 0.9 && html`<p class="limit ${tooLong ? 'over' : ''}" role="status">${tooLong && html`<${Icon} name="warning" size=${14} />`}${w.length(length, limit)}</p>`}
  </form>`;
}
