// Who the visitor is, in the word of the site: from the administrator's secret to what the agent sees.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from './lib/test.mjs';
import { axe, launch, newPage } from './lib/browser.mjs';
import { signIn } from './lib/console.mjs';
import { agentAtDesk, ask, visitorInShop } from './lib/people.mjs';
import { Server } from './lib/server.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What the site's server would put into its page, as docs/identity.md has it. */
function signed(secret, { id, name, email, expires = Math.floor(Date.now() / 1000) + 600 }) {
  const signature = createHmac('sha256', secret).update([expires, id, name, email].join('\n')).digest('hex');
  return { id, name, email, expires, signature };
}

test('a signed visitor is known to the agent, a forged one does not get in', { timeout: 180_000 }, async (t) => {
  const server = await Server.demo(t);
  const admin = await newPage(browser, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  t.after(() => admin.context().close());
  await admin.goto(`${server.url}/console/`);
  await signIn(admin, 'admin', server.password('admin'));
  await admin.getByRole('heading', { name: 'Campaigns' }).waitFor();
  await admin.goto(`${server.url}/console/#/campaigns/1`);
  await admin.getByText('There is no secret.').waitFor();
  await admin.getByRole('button', { name: 'Make a new secret' }).click();
  const field = admin.getByRole('textbox', { name: 'Signed identity' });
  await field.waitFor();
  const secret = await field.inputValue();
  assert.match(secret, /^[\w-]{43}$/);
  assert.deepEqual(await axe(admin), []);
  await admin.reload();
  await admin.getByText('There is a secret.').waitFor();
  assert.equal(await field.count(), 0, 'it is not shown again');

  const agent = await agentAtDesk(t, browser, server, 'ana');
  const visitor = await visitorInShop(t, browser, server, { open: false });
  const eva = signed(secret, { id: '4711', name: 'Eva', email: 'eva@mail.example' });
  await visitor.widget.evaluate((chat, eva) => chat.identify({ ...eva, name: 'Ana, la directora' }), eva);
  await visitor.open();
  await visitor.page.locator('form .main').click();
  await visitor.page.getByText('Identidad no confirmada').waitFor();
  await visitor.widget.evaluate((chat, late) => chat.identify(late), signed(secret, { id: '4711', name: 'Eva', email: 'eva@mail.example', expires: 1_000 }));
  await visitor.page.locator('form .main').click();
  await visitor.page.getByText('Identidad no confirmada').waitFor();
  await visitor.widget.evaluate((chat, eva) => chat.identify(eva), eva);
  await ask(visitor, 'Somebody else');
  await agent.getByRole('textbox', { name: 'Reply to Eva' }).waitFor();
  const facts = agent.getByRole('complementary', { name: 'Visitor' });
  await facts.getByText('Verified as').waitFor();
  await facts.getByText('4711').waitFor();
  await facts.getByText('eva@mail.example').waitFor();
  assert.deepEqual(visitor.problems, []);
});
