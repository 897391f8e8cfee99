// A web site of somebody else's: one page on an origin of its own, on this machine.
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Serves a page with this in its head until the test is over, and returns its origin.
 * @param {import('node:test').TestContext} t
 */
export async function site(t, head = '') {
  const page = { head };
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Shop</title>${page.head}</head><body><h1>Shop</h1></body></html>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, carry: (code) => (page.head = code) };
}
