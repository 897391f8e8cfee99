// Calls between two browsers with devices that play a test picture and a beep: sound and picture really arrive.
import assert from 'node:assert/strict';
import { axe, newPage } from './lib/browser.mjs';
import { DEVICES, arrived, chatting, closeChat, flows, launchForCalls, press, stage } from './lib/calls.mjs';
import { signIn } from './lib/console.mjs';
import { after, before, test } from './lib/test.mjs';

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

test('the conversation and its recording tell of each call: who, when and how long', { timeout: 60_000 }, async (t) => {
  const { server, agent, visitor } = await calling(t);
  await press(agent, 'Hang up');
  await visitor.locator('.item.system', { hasText: /Videollamada con Ana Pereira: 0:\d\d\./ }).waitFor();
  await agent.getByText(/Videollamada con Ana Pereira: 0:\d\d\./).first().waitFor();
  await press(agent, 'Call');
  await press(visitor, 'Rechazar');
  await visitor.locator('.item.system', { hasText: 'Llamada sin respuesta.' }).waitFor();
  await closeChat(agent);
  await visitor.getByText('Chat finalizado').last().waitFor();

  const page = await newPage(there, { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  t.after(() => page.context().close());
  await page.goto(`${server.url}/console/#/floor/recordings`);
  await signIn(page, 'sofia', server.password('sofia'));
  await page.getByRole('button', { name: 'Lucía' }).click();
  const told = page.getByRole('dialog', { name: 'Lucía' });
  await told.getByText('Llamada sin respuesta.').waitFor();
  const lines = await told.getByRole('listitem').filter({ hasText: 'asked for by' }).allTextContents();
  const [long, missed] = lines.map((line) => line.replace(/\s+/g, ' '));
  assert.match(long, /^Video call asked for by Lucía [\d:]+ · accepted by Ana Pereira [\d:]+ – [\d:]+ · lasted 0:\d\d$/);
  assert.match(missed, /^Call asked for by Ana Pereira [\d:]+ not answered$/);
});

test('when both ask at once there is one call', { timeout: 60_000 }, async (t) => {
  const { agent, visitor } = await chatting(t, here, there);
  // Neither hears of the other's wish before its own is said: the devices come late.
  const both = (act) => Promise.all([visitor, agent].map(act));
  await both((page) => page.evaluate(() => {
    const { mediaDevices } = navigator;
    const own = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wish) => {
      await new Promise((go) => (globalThis.release = go));
      return own(wish);
    };
  }));
  await Promise.all([press(visitor, 'Videollamada'), press(agent, 'Video call')]);
  await both((page) => page.waitForFunction(() => globalThis.release));
  await both((page) => page.evaluate(() => release()));
  await Promise.all([flows(visitor), flows(agent)]);
  await press(agent, 'Hang up');
  await visitor.getByText('Llamada finalizada').last().waitFor();
});

test('whoever loads the page anew is back in the call, and closing the chat ends it', { timeout: 60_000 }, async (t) => {
  const { agent, visitor } = await calling(t);
  await visitor.reload();
  await Promise.all([flows(visitor), flows(agent, { after: 1 })]);
  await agent.reload();
  await Promise.all([flows(agent), flows(visitor, { after: 1 })]);
  await closeChat(agent);
  await stage(agent).waitFor({ state: 'detached' });
  await visitor.getByText('Chat finalizado').last().waitFor();
  await stage(visitor).waitFor({ state: 'detached' });
  assert.deepEqual(await Promise.all([visitor, agent].map((page) => page.evaluate(() => connections.at(-1).connectionState))), ['closed', 'closed']);
});

test('a microphone is muted, a camera switched off, and a device chosen while the call goes on', { timeout: 60_000 }, async (t) => {
  const { agent, visitor } = await calling(t);
  const sound = async () => (await arrived(agent)).energy;
  const pause = () => agent.evaluate(() => new Promise((go) => setTimeout(go, 500)));
  await press(visitor, 'Micrófono');
  assert.equal(await visitor.getByRole('button', { name: 'Micrófono' }).getAttribute('aria-pressed'), 'true');
  // The beep comes once a second: a second and a half without any is silence.
  for (let quiet = 0, last = await sound(); quiet < 3; ) {
    await pause();
    const now = await sound();
    quiet = now - last < 1e-6 ? quiet + 1 : 0;
    last = now;
  }
  await press(visitor, 'Micrófono');
  for (const muted = await sound(); (await sound()) - muted < 0.01; ) await pause();

  await press(visitor, 'Dispositivos');
  const camera = visitor.getByRole('combobox', { name: 'Cámara' });
  const chosen = await camera.inputValue();
  const other = await camera.locator('option').evaluateAll((all, chosen) => all.map(({ value }) => value).find((value) => value !== chosen), chosen);
  await camera.selectOption(other);
  const own = () => visitor.locator('.call .own').evaluate((video) => video.srcObject.getVideoTracks().map((track) => track.getSettings().deviceId));
  while ((await own())[0] !== other) await pause();
  await flows(agent);
  await press(visitor, 'Cambiar de cámara');
  while ((await own())[0] === other) await pause();
});

test('without permission, without devices, or where calls are off, a sentence helps and the chat goes on', { timeout: 60_000 }, async (t) => {
  const { server, agent, visitor, window } = await chatting(t, here, there, { permissions: [] });
  const says = async (text) => {
    await visitor.locator('.call', { hasText: text }).waitFor();
    await window.write(`Sigo aquí: ${text}`);
    await agent.getByText(`Sigo aquí: ${text}`).last().waitFor();
  };
  await press(visitor, 'Llamar');
  await says('El navegador no deja usar el micrófono o la cámara.');
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');

  // Other reasons come from the same place in the browser, but need devices that headless browsers cannot be given.
  for (const [name, text] of [['NotReadableError', 'Otro programa usa el micrófono o la cámara.'], ['NotFoundError', 'No hay micrófono.']]) {
    await visitor.evaluate((name) => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name))), name);
    await press(visitor, 'Videollamada');
    await says(text);
  }
  await visitor.evaluate(() => (self.RTCPeerConnection = undefined));
  await press(visitor, 'Llamar');
  await says('Este navegador no puede hacer llamadas.');

  // Switched off while the window shows its buttons, and with a call that runs.
  await visitor.context().grantPermissions(DEVICES);
  await visitor.reload();
  await press(visitor, 'Llamar');
  await press(agent, 'Accept');
  await flows(agent, { video: false });
  await admin('PUT', '/campaigns/1', { ...settings, media: false });
  await flows(visitor, { video: false });
  await press(visitor, 'Colgar');
  await visitor.getByText('Llamada finalizada').last().waitFor();
  await press(visitor, 'Llamar');
  await says('Ahora no se permiten llamadas');
});

test('a browser without any device is told so, and can still be written to', { timeout: 60_000 }, async (t) => {
  const bare = await launchForCalls({ devices: false });
  t.after(() => bare.close());
  const { agent, visitor, window } = await chatting(t, bare, there);
  await press(visitor, 'Videollamada');
  await visitor.locator('.call', { hasText: 'No hay micrófono.' }).waitFor();
  await press(agent, 'Call');
  await press(visitor, 'Aceptar');
  await visitor.locator('.call', { hasText: 'No hay micrófono.' }).waitFor();
  await press(visitor, 'Rechazar');
  await agent.getByText('The call was not accepted').last().waitFor();
  await window.write('Mejor por escrito');
  await agent.getByText('Mejor por escrito').last().waitFor();
});
