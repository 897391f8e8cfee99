/**
 * The visitor's window of webchat: `<webchat-window campaign="1">`.
 *
 * Put it on a page with one tag, which makes the element and copies its `data-*` attributes onto it:
 *
 * ```html
 * <script src="https://chat.example/widget.js" data-campaign="1" data-language="es" async></script>
 * ```
 *
 * or write the element yourself and load the same script without `data-campaign`.
 *
 * Attributes, all optional but `campaign`:
 *
 * | attribute | meaning |
 * |---|---|
 * | `campaign` | number of the campaign |
 * | `server` | origin of the chat server; default: where the script came from |
 * | `language` | `es`, `en` or `pt`; default: the page's `lang`, else the browser's, else `en` |
 * | `open` | the window is open; set and removed by the window itself as well |
 * | `name`, `email`, `extra` | what the form before the chat is filled with |
 * | `visitor`, `expires`, `signature` | with `name` and `email`, the site's signed word about who the visitor is |
 *
 * Custom properties for the page's style sheet, on the element or above it:
 *
 * | property | meaning |
 * |---|---|
 * | `--webchat-scheme` | `light` or `dark`; default: the visitor's own preference |
 * | `--webchat-inline` | distances from the sides, `auto 20px` by default; `20px auto` puts it on the other side |
 * | `--webchat-launcher` | `none` hides the round button, for pages that call `open()` from their own |
 */
export interface WebchatWindow extends HTMLElement {
  /** Opens the window and moves the focus into it. */
  open(): void;
  /** Closes the window; a chat goes on, and what comes in is counted on the launcher. */
  close(): void;
  /** Changes the language of the window. The texts of a running chat stay in the language it began in. */
  setLanguage(language: string): void;
  /**
   * Fills the form before the chat; what is left out stays. With `id`, `expires` and `signature` the site's server vouches for
   * who the visitor is, see docs/identity.md: the agent sees it, and the signed name and address go before what
   * the form says. Nothing is sent until the visitor sends the form.
   */
  identify(visitor: Visitor | SignedVisitor): void;
}

/** What the form before the chat asks for. */
export interface Visitor {
  /** At most 80 characters. */
  name?: string;
  /** A valid e-mail address. */
  email?: string;
  /** The campaign's extra field, for example a telephone number; at most 256 characters. */
  extra?: string;
}

/** A visitor whom the site's server has signed. A claim that does not hold is refused, and no chat starts. */
export interface SignedVisitor extends Visitor {
  /** The visitor in the site's own numbering, 1 to 256 characters. */
  id: string;
  /** Seconds since 1970 UTC from which on the signature is void; at most 24 hours ahead. */
  expires: number;
  /** HMAC-SHA256 in hexadecimal. */
  signature: string;
}

/** `loading`, `form` and `refused` are without a chat; `waiting` and `active` are in one; `ended` is after it. */
export type State = 'loading' | 'form' | 'refused' | 'waiting' | 'active' | 'ended';

/**
 * Detail of `webchat:state`, sent when any of it has changed. What describes a chat is there only while there is one,
 * and is the chat view of the wire protocol.
 */
export interface StateDetail {
  state: State;
  /** Whether the window is open. */
  open: boolean;
  /** Messages of agents that the visitor has not seen. */
  unread: number;
  /** Whether the server can be reached at this moment. */
  connected: boolean;
  /** Id of the chat, for example `"12-3"`. */
  chat?: string;
  /** Name or alias of the agent. */
  agent?: string | null;
  /** The call that rings or runs. */
  call?: { video: boolean; running: boolean; from_visitor: boolean; since: number } | null;
  /** Place in the queue from 1; 0 while an agent is being asked; null when not waiting. */
  position?: number | null;
  /** Estimated wait in seconds; null when unknown. */
  estimate?: number | null;
}

/** Detail of `webchat:message`, sent once for each message of either side that arrives while the page is open. */
export interface MessageDetail {
  chat: string;
  /** Number of the message in its chat, from 1 without gaps. */
  number: number;
  /** Milliseconds since 1970 UTC. */
  at: number;
  author: { kind: 'visitor' | 'agent' | 'system' | 'bot'; name?: string | null };
  /** The name of the file, when one was sent. */
  text: string;
  file?: { id: string; kind: 'image' | 'document' | 'text' | 'audio' | 'video'; mime: string; bytes: number };
}

declare global {
  interface HTMLElementTagNameMap {
    'webchat-window': WebchatWindow;
  }
  /** The events bubble, so they can be listened for on the element, on `document` or on `window`. */
  interface GlobalEventHandlersEventMap {
    'webchat:state': CustomEvent<StateDetail>;
    'webchat:message': CustomEvent<MessageDetail>;
  }
}
