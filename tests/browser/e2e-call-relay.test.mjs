// Calls that go through a relay only, so that neither end learns the other's address: a real coturn on loopback.
import assert from 'node:assert/strict';
import { arrived, chatting, flows, launchForCalls, press, stage } from './lib/calls.mjs';
import { Relay } from './lib/relay.mjs';
import { after, before, test } from './lib/test.mjs';

let here, there;
before(async () => ([here, there] = await Promise.all([launchForCalls(), launchForCalls()])));
after(() => Promise.all([here.close(), there.close()]));

/** A call is asked for and accepted; whether it comes about is for the test. */
async function called(t, relay, secret) {
  const both = await chatting(t, here, there, { flags: await relay.flags(secret) });
  await press(both.visitor, 'Videollamada');
  await press(both.agent, 'Accept');
  return both;
}

test('through a relay only, both ends see and hear each other, and find a way again when it comes back', { timeout: 60_000 }, async (t) => {
  const relay = await Relay.start(t);
  const { agent, visitor } = await called(t, relay);
  await Promise.all([flows(visitor), flows(agent)]);
  for (const page of [visitor, agent]) {
    assert.deepEqual((await arrived(page)).way, ['relay', 'relay']);
    const addresses = await page.evaluate(() => [connections.at(-1).localDescription.sdp, connections.at(-1).remoteDescription.sdp].join('').match(/ typ \w+/g));
    assert.deepEqual([...new Set(addresses)], [' typ relay'], 'no address of one’s own is told');
  }
  // The relay forgets everybody, as a network does that one leaves for another.
  await relay.stop();
  await relay.run();
  await visitor.getByText('Se cortó; reconectando…').last().waitFor();
  const { frames } = await arrived(visitor);
  await stage(visitor).getByText(/^\d+:\d\d$/).waitFor();
  for (let now = frames; now <= frames; ) ({ frames: now } = await arrived(visitor));
});

for (const [what, clock, secret] of [['wrong', undefined, 'south-star'], ['expired', '+2d', undefined]]) {
  test(`with a ${what} credential the call says what is the matter, and the chat goes on`, { timeout: 60_000 }, async (t) => {
    const relay = await Relay.start(t, { ahead: clock });
    const { agent, visitor, window } = await called(t, relay, secret);
    await visitor.getByText('El servidor de llamadas no aceptó la credencial.').last().waitFor();
    await agent.getByText('The call server did not accept the credential.').last().waitFor();
    await window.write('¿Seguimos por escrito?');
    await agent.getByText('¿Seguimos por escrito?').last().waitFor();
    await press(visitor, 'Colgar');
    await stage(agent).waitFor({ state: 'detached' });
  });
}
