// Browsers with a camera and a microphone that play a test picture and a beep, and what tests ask about a call.
import { launch } from './browser.mjs';
import { agentAtDesk, ask, visitorInShop } from './people.mjs';
import { Server } from './server.mjs';

/** A browser whose devices are Chromium's own fakes; `devices: false` leaves it without any. */
export const launchForCalls = ({ devices = true } = {}) =>
  launch(['--disable-features=WebRtcHideLocalIpsWithMdns', ...(devices ? ['--use-fake-device-for-media-stream=device-count=2'] : [])]);

/** Notes every connection between browsers that the page makes. Call before the page is opened. */
export const watchCalls = (page) =>
  page.addInitScript(() => {
    if (!self.RTCPeerConnection) return;
    globalThis.connections = [];
    const Original = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Original {
      constructor(configuration) {
        super(configuration);
        connections.push(this);
      }
    };
  });

/** What has come through the call's present connection: pictures decoded, sound heard, and over what kind of way. */
export const arrived = (page) =>
  page.evaluate(async () => {
    const pc = connections.at(-1);
    const all = pc ? [...(await pc.getStats()).values()] : [];
    const inbound = (kind) => all.find((stat) => stat.type === 'inbound-rtp' && stat.kind === kind);
    const transport = all.find((stat) => stat.type === 'transport');
    const pair = all.find((stat) => stat.id === transport?.selectedCandidatePairId);
    return {
      connected: pc?.connectionState === 'connected',
      state: pc && [pc.connectionState, pc.iceConnectionState, pc.signalingState].join('/'),
      connections: connections.length,
      frames: inbound('video')?.framesDecoded ?? 0,
      energy: inbound('audio')?.totalAudioEnergy ?? 0,
      way: [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => all.find((stat) => stat.id === id)?.candidateType),
    };
  });

/** Waits until sound, and unless told otherwise pictures, have come through the present connection. */
export async function flows(page, { video = true, timeout = 15_000, after = 0 } = {}) {
  const ends = Date.now() + timeout;
  for (;;) {
    const { connected, state, connections, frames, energy } = await arrived(page);
    if (connected && connections > after && energy > 0 && (!video || frames > 0)) return;
    if (Date.now() > ends) throw new Error(`no call after ${timeout} ms: ${connections} connections, ${state}, ${frames} frames, energy ${energy}`);
    await page.evaluate(() => new Promise((go) => setTimeout(go, 100)));
  }
}

/** What a page may be permitted. */
export const DEVICES = ['camera', 'microphone'];

/** Ana at her desk and Lucía in the shop, each in a browser of her own, in a chat. */
export async function chatting(t, here, there, { flags, permissions = DEVICES } = {}) {
  const server = await Server.demo(t, flags);
  const agent = await agentAtDesk(t, there, server, 'ana', { permissions: DEVICES, before: watchCalls });
  const window = await visitorInShop(t, here, server, { permissions, before: watchCalls });
  window.page.setDefaultTimeout(15_000);
  agent.setDefaultTimeout(15_000);
  await ask(window, 'Lucía');
  await window.field.waitFor();
  await agent.getByRole('textbox', { name: 'Reply to Lucía' }).waitFor();
  return { server, agent, window, visitor: window.page };
}

export const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
/** The call while this page takes part in it. */
export const stage = (page) => page.locator('.call[data-state=stage]');

/** The agent closes the only chat there is. */
export async function closeChat(agent) {
  await agent.getByRole('button', { name: /^Close/ }).first().click();
  await agent.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
}
