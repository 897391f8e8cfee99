// Calls between two browsers with devices that play a test picture and a beep: sound and picture really arrive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe } from './lib/browser.mjs';
import { DEVICES, arrived, chatting, flows, launchForCalls, press, stage, watchCalls } from './lib/calls.mjs';

let here, there;
before(async () => ([here, there] = await Promise.all([launchForCalls(), launchForCalls()])));
after(() => Promise.all([here.close(), there.close()]));

/** Both in a running call that the visitor asked for. */
async function calling(t, kind = 'Videollamada') {
  const both = await chatting(t, here, there);
  await press(both.visitor, kind);
  await press(both.agent, 'Accept');
  const how = { video: kind === 'Videollamada' };
  await Promise.all([flows(both.visitor, how), flows(both.agent, how)]);
  return both;
}

test('a video call brings pictures and sound to both, and ends when either hangs up', { timeout: 60_000 }, async (t) => {
  const { agent, visitor } = await calling(t);
  for (const page of [visitor, agent]) {
    const { frames, energy } = await arrived(page);
    assert.ok(frames > 0 && energy > 0, `${frames} frames, energy ${energy}`);
    assert.deepEqual(await axe(page), []);
  }
  await press(visitor, 'Colgar');
  await stage(agent).waitFor({ state: 'detached' });
  await agent.getByText('Call ended').first().waitFor();

  // A call of voices, asked for by the agent and ended there.
  await press(agent, 'Call');
  await visitor.getByText('Ana Pereira le llama').last().waitFor();
  await press(visitor, 'Aceptar');
  await Promise.all([flows(visitor, { video: false }), flows(agent, { video: false })]);
  assert.equal((await arrived(visitor)).frames, 0);
  await press(agent, 'Hang up');
  await visitor.getByText('Llamada finalizada').last().waitFor();
});
