// The icons, drawn on a 24-unit grid with one stroke width. They never stand alone: a word is always beside or behind them.

import { html } from '../vendor/preact.js';

const paths = {
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2 12.5l4 4L14.5 8M11 15.5l1 1L20.5 8',
  circleCheck: 'M12 3a9 9 0 100 18 9 9 0 000-18zM8 12.2l2.8 2.8L16 9.6',
  pause: 'M12 3a9 9 0 100 18 9 9 0 000-18zM10 9v6M14 9v6',
  phone: 'M6 3.5h3l1.5 4.5-2 1.5a12 12 0 006 6l1.5-2 4.5 1.5v3a2 2 0 01-2 2A16 16 0 014 5.5a2 2 0 012-2z',
  video: 'M3 6h12v12H3zM15 11l6-4v10l-6-4',
  clock: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 7.5V12l3 2',
  soon: 'M7 3h10M7 21h10M8 3c0 5 8 5 8 9s-8 4-8 9M16 3c0 5-8 5-8 9s8 4 8 9',
  late: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 7.5v5.5M12 16.2v.3',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  search: 'M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM15.3 15.3L20 20',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4',
  user: 'M12 4a4 4 0 100 8 4 4 0 000-8zM4.5 20c.8-3.8 3.6-6 7.5-6s6.7 2.2 7.5 6',
  users: 'M9 5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM2.5 19c.6-3.3 3-5 6.5-5s5.9 1.7 6.5 5M16 5.200a3.5 3.5 0 010 6.600M18 14.500c2 .6 3.2 2.2 3.6 4.5',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  chats: 'M3 4h12v9H8l-3 3v-3H3zM18 8h3v9h-2v3l-3-3h-6v-1',
  send: 'M4 12L20 4l-5 16-3.5-6.500zM11.5 13.500L20 4',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3',
  transfer: 'M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4',
  eye: 'M2.5 12C6 6 18 6 21.5 12 18 18 6 18 2.5 12zM12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z',
  close: 'M6 6l12 12M18 6L6 18',
  stop: 'M12 3a9 9 0 100 18 9 9 0 000-18zM9 9l6 6M15 9l-6 6',
  panel: 'M4 5h16v14H4zM15 5v14',
  columns: 'M4 5h16v14H4zM12 5v14',
  single: 'M4 5h16v14H4z',
  down: 'M6 9.500l6 6 6-6',
  back: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  up: 'M6 14.500l6-6 6 6',
  attach: 'M20 11l-8 8a5 5 0 01-7-7l9-9a3.300 3.300 0 015 5l-9 8a1.600 1.600 0 01-2-2l8-8',
  plug: 'M9 3v5M15 3v5M6.5 8h11v3a5.5 5.5 0 01-11 0zM12 16.500V21',
  unplug: 'M4 4l16 16M9 3v4M15 3v5M8 8h9.500v3c0 1-.3 2-.8 2.800M6.5 9.500V11a5.5 5.5 0 005.5 5.500V21',
  bell: 'M6 16V11a6 6 0 0112 0v5l1.5 2h-15zM10 20.500h4',
  globe: 'M12 3a9 9 0 100 18 9 9 0 000-18zM3.5 12h17M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
  door: 'M13 4H6v16h7M10.5 12H20M16.5 8l4 4-4 4',
  plus: 'M12 5v14M5 12h14',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5c0 3.5 6 3.5 6 0h5',
  retry: 'M19 12a7 7 0 11-2-4.900M19 4v4h-4',
  palette: 'M5 5h14v14H5zM9 9.500l2.5 2.500L9 14.500M13 15h3',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.600L7 7M17 17l1.4 1.400M5.6 18.400L7 17M17 7l1.4-1.4',
};

/** @typedef {keyof typeof paths} IconName */

/** @param {{ name: IconName, size?: number }} props */
export function Icon({ name, size = 16 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
    stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d=${paths[name]} /></svg>`;
}
