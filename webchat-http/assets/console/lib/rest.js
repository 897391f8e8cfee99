// The REST half of the protocol: one function, which knows the CSRF token and turns refusals into `Refusal`.

import { confirm } from './confirming.js';
import { Refusal } from './refusal.js';
import { lookForTrouble } from './trouble.js';

let csrf = '';

/** @param {string} token what the session answered; sent with everything but GET */
export function useToken(token) {
  csrf = token;
}

/**
 * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @param {string} path below /api/v1
 * @param {unknown} [body] sent as JSON, a file as it is
 * @param {string} [version] which the settings must still have
 * @returns {Promise<any>} the JSON answer, or null when there is none
 */
export async function call(method, path, body, version) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json' };
  const file = body instanceof Blob;
  if (body !== undefined) headers['content-type'] = file ? body.type || 'application/octet-stream' : 'application/json';
  if (version) headers['if-match'] = `"${version}"`;
  if (method !== 'GET') headers['x-csrf-token'] = csrf;
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(20_000),
      body: body === undefined || file ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refusal('offline');
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const refusal = Object.assign(Refusal.from(answer, response.status), { answer });
  if (refusal.code === 'retry') lookForTrouble();
  if (refusal.code === 'confirm_first' && (await confirm())) return call(method, path, body, version);
  throw refusal;
}

/**
 * Sends a file into a chat; its message comes over the socket.
 * @param {string} chat
 * @param {File} file
 */
export async function upload(chat, file) {
  const query = new URLSearchParams({ key: crypto.randomUUID(), name: file.name });
  let response;
  try {
    response = await fetch(`/api/v1/chats/${chat}/files?${query}`, { method: 'POST', headers: { 'x-csrf-token': csrf }, credentials: 'same-origin', body: file });
  } catch {
    throw new Refusal('offline');
  }
  if (response.ok) return;
  const answer = await response.json().catch(() => null);
  throw Object.assign(Refusal.from(answer, response.status), { field: answer?.field });
}
