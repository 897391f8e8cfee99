// node:test with an end to every test: one that hangs fails by its name, and the rest goes on.
import { test as run } from 'node:test';

export { after, afterEach, before, beforeEach } from 'node:test';

/** Far above the longest test on a slow machine, in milliseconds. */
const LIMIT = 120_000;

/**
 * @param {string} name
 * @param {import('node:test').TestOptions | import('node:test').TestFn} options
 * @param {import('node:test').TestFn} [body]
 */
export function test(name, options, body) {
  return body ? run(name, { timeout: LIMIT, ...options }, body) : run(name, { timeout: LIMIT }, options);
}
