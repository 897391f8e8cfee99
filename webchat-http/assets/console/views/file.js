// A file of a chat, to be taken along.

/** @import { Message } from '../types.js' */

import { html } from '../vendor/preact.js';
import { language } from '../lib/words.js';
import { Icon } from './icons.js';

/** What a message says: its text, or its file. @param {{ chat: string, message: Message }} props */
export function Said({ chat, message: { text, file } }) {
  if (!file) return text;
  return html`<a class="file" href=${`/api/v1/chats/${chat}/files/${file.id}`} download=${text}><${Icon} name="down" size=${14} />${text} <span class="small">(${size(file.bytes)})</span></a>`;
}

/** @param {number} bytes */
function size(bytes) {
  const mega = bytes >= 1_048_576;
  const number = bytes / (mega ? 1_048_576 : 1_024);
  return `${number.toLocaleString(language.value, { maximumFractionDigits: mega ? 1 : 0 })} ${mega ? 'MB' : 'KB'}`;
}
