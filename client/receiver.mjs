// A receiver of webhooks to start from: checks each signature, prints what happened. `SECRET=whsec_… node receiver.mjs 9000`

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = Buffer.from((process.env.SECRET ?? '').replace('whsec_', ''), 'base64');
const known = new Set();

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given = '' } = request.headers;
  const right = createHmac('sha256', secret).update(`${id}.${at}.`).update(body).digest();
  const fits = given.split(' ').some((one) => {
    const bytes = Buffer.from(one.replace('v1,', ''), 'base64');
    return bytes.length === right.length && timingSafeEqual(bytes, right);
  });
  if (!fits || Math.abs(Date.now() / 1000 - Number(at)) > 300) return response.writeHead(401).end();
  // A repeat is acknowledged and not acted upon.
  if (!known.has(id)) console.log(JSON.parse(body).type, JSON.stringify(JSON.parse(body).data));
  known.add(id);
  response.writeHead(204).end();
}).listen(Number(process.argv[2] ?? 9000), '127.0.0.1');
