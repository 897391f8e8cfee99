// An OpenID Connect provider of its own process's making: the certified `oidc-provider`, with its own sign-in pages.
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Serves a provider until the test is over, on which everybody with a role here may sign in with any password.
 * @param {import('node:test').TestContext} t
 * @param {{ back: string, secret: string, people: Record<string, { name: string, groups: string[] }> }} options
 */
export async function provider(t, { back, secret, people }) {
  const { default: Provider } = await import('oidc-provider');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const oidc = new Provider(url, {
    clients: [{ client_id: 'webchat', client_secret: secret, redirect_uris: [back], response_types: ['code'], grant_types: ['authorization_code'] }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['only for a test'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    async findAccount(_, login) {
      const known = people[login];
      return known && { accountId: login, claims: () => ({ sub: `subject-${login}`, preferred_username: login, ...known }) };
    },
  });
  server.on('request', oidc.callback());
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, oidc };
}
