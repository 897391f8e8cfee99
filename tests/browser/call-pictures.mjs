// Draws the pictures of a call in docs/pictures: node call-pictures.mjs, with the server built.
import { fileURLToPath } from 'node:url';
import { chatting, flows, launchForCalls, press } from './lib/calls.mjs';

const into = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const after = [];
const t = { after: (act) => after.unshift(act) };
const [here, there] = await Promise.all([launchForCalls(), launchForCalls()]);
try {
  const { agent, visitor, window } = await chatting(t, here, there);
  await window.write('¿Me muestra la suela, por favor?');
  await agent.getByText('¿Me muestra la suela, por favor?').last().waitFor();
  await press(agent, 'Video call');
  await press(visitor, 'Aceptar');
  await Promise.all([flows(visitor), flows(agent)]);
  for (const page of [visitor, agent]) await page.locator('.call').getByText(/0:0[1-9]$/).waitFor();
  await visitor.screenshot({ path: `${into}widget-call.png`, clip: { x: 860, y: 0, width: 420, height: 720 } });
  await agent.screenshot({ path: `${into}console-call.png` });
} finally {
  for (const act of after) await act();
  await Promise.all([here.close(), there.close()]);
}
