// Who is signed in. Undefined until the server has been asked, null when nobody is.

/** @import { SessionBody, User } from '../types.js' */

import { computed, signal } from '../vendor/preact.js';
import { call, useToken } from '../lib/rest.js';
import { codeOf } from '../lib/refusal.js';
import { forgetTab, keep, kept } from '../lib/storage.js';

export const user = signal(/** @type {User | null | undefined} */ (undefined));
/** Why the sign-in page is back, as a code, or null. */
export const leftBecause = signal(/** @type {string | null} */ (null));
export const isAdministrator = computed(() => user.value?.role === 'administrator');
/** Watches and steers chats; administrators look on. */
export const isSupervisor = computed(() => user.value?.role === 'supervisor' || user.value?.role === 'administrator');
/** Whether a password is how this person shows once more who they are; else it is the provider. */
export const hasPassword = signal(true);
export const isAgent = computed(() => user.value?.agent != null);

/** @param {SessionBody} body */
function begin(body) {
  useToken(body.csrf);
  hasPassword.value = body.password;
  leftBecause.value = null;
  // Drafts outlive a session that ran out, but belong to one person.
  if (kept('user', body.user.id) !== body.user.id) forgetTab();
  keep('user', body.user.id);
  user.value = body.user;
}

/** Asks whether the cookie of an earlier visit still stands. */
export async function recall() {
  try {
    begin(await call('GET', '/session'));
  } catch (error) {
    if (codeOf(error) === 'offline') leftBecause.value = 'offline';
    user.value = null;
  }
}

/** @returns {Promise<boolean>} false only when the server said that the session is over */
export async function stillStands() {
  try {
    useToken((await call('GET', '/session')).csrf);
    return true;
  } catch (error) {
    return codeOf(error) !== 'not_signed_in';
  }
}

/** @param {string} login @param {string} password @param {string | null} chosen takes the password's place */
export async function signIn(login, password, chosen) {
  begin(await call('POST', '/session', { login, password, ...(chosen ? { new: chosen } : {}) }));
}

/** @returns {Promise<{ password: boolean, provider: string | null }>} how people may sign in; a server that does not answer has not said */
export async function ways() {
  return call('GET', '/session/ways').catch(() => ({ password: true, provider: null }));
}

/** Goes to the provider, which sends the browser back here. */
export async function signInElsewhere() {
  location.assign((await call('POST', '/session/provider')).url);
}

/** @param {string} password */
export async function confirmWith(password) {
  useToken((await call('POST', '/sessions/confirm', { password })).csrf);
}

/** @returns {Promise<string>} where the provider asks the person again; the session goes on here once they were there */
export async function confirmElsewhere() {
  return (await call('POST', '/session/provider?again=true')).url;
}

/** @returns {string | null} why the provider's word opened nothing, once */
export function refusedElsewhere() {
  const code = new URLSearchParams(location.search).get('refused');
  if (code) history.replaceState(null, '', location.pathname + location.hash);
  return code;
}

export async function signOut() {
  await call('DELETE', '/session').catch(() => {});
  forgetTab();
  over(null);
}

/** @param {string | null} why */
export function over(why) {
  leftBecause.value = why;
  user.value = null;
}
