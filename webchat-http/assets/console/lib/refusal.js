// What the server, or the lack of one, answers when something can't be done.

/** @import { Problem } from '../types.js' */

/** An error with the stable code of the protocol. `offline` and `unexpected` are the console's own codes. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {{ message?: string, status?: number, problems?: Problem[] }} [more]
   */
  constructor(code, more = {}) {
    super(more.message ?? code);
    this.code = code;
    this.status = more.status ?? 0;
    this.problems = more.problems ?? [];
    /** All that was answered, where it says more than this. @type {any} */
    this.answer = null;
  }

  /**
   * @param {any} body problem details, or what came under `error` of a socket
   * @param {number} [status]
   */
  static from(body, status = 0) {
    const code = typeof body?.code === 'string' ? body.code : 'unexpected';
    const problems = Array.isArray(body?.problems) ? body.problems
      : body?.field ? [{ field: String(body.field), value: body.value, expected: body.expected }] : [];
    return new Refusal(code, { message: String(body?.message ?? body?.detail ?? code), status, problems });
  }
}

/**
 * @param {unknown} error
 * @returns {string} the stable code of anything thrown
 */
export function codeOf(error) {
  return error instanceof Refusal ? error.code : 'unexpected';
}
