// The page on screen, from the address's fragment: `#/campaigns/3/members` is ['campaigns', '3', 'members'].

import { signal } from '../vendor/preact.js';

const read = () => location.hash.replace(/^#\/?/, '').split('/').filter(Boolean);

export const route = signal(read());
addEventListener('hashchange', () => {
  route.value = read();
});

/** @param {string} path */
export function go(path) {
  location.hash = `#/${path}`;
}
