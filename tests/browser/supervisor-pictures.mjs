// Takes the pictures of the supervisor's pages, of reports and of a campaign's settings in docs/pictures, of the real server: `node supervisor-pictures.mjs`.
// Not a test.
import { launch, newPage } from './lib/browser.mjs';
import { Crowd } from './lib/crowd.mjs';
import { shoot } from './lib/pictures.mjs';
import { Server } from './lib/server.mjs';

const NAMES = ['Lucía Fernández', 'João Pereira', 'María Gómez', 'Tomás Acosta', 'Sofía Martínez', 'Emily Carter', 'Pedro Núñez', 'Ana Clara Souza', 'Diego Olivera', 'Valentina Rossi', 'Mateo Silva', 'Julia Costa'];
const cleanup = [];
const t = { after: (undo) => cleanup.unshift(undo) };
const browser = await launch();
try {
  const server = await Server.demo(t);
  const admin = await server.signIn('admin');
  const { settings } = await admin('GET', '/campaigns/1');
  await admin('PUT', '/campaigns/1', { ...settings, acd: 5, max_chats: 20, time_out: 600, agent_cap: 3, answer_within: 20, target_percent: 80, time_chat: 30, dropout: 5, when_empty: 'admit' });
  const crowd = new Crowd(t, server);
  const ana = await crowd.agent('ana');
  const bruno = await crowd.agent('bruno');
  await crowd.agent('carla').then((carla) => carla.ask('pause', { reason: 'lunch' }));
  const first = await crowd.visitors(10, (i) => ({ name: NAMES[i], email: `cliente${i + 1}@correo.example` }));
  await crowd.visitors(2, (i) => ({ campaign: 2, name: NAMES[10 + i] }));
  const chat = first[0].chat;
  await first[0].ask('write', { chat, key: 'a', text: 'Hola, ¿las botas de cuero están en talle 38?' });
  const owner = [ana, bruno].find((agent) => agent.pushes.some((push) => push.push === 'chat' && push.view.chat === chat));
  await owner.ask('write', { chat, key: 'b', text: '¡Buenas tardes, Lucía! Sí, quedan dos pares.' });
  await first[0].ask('write', { chat, key: 'c', text: '¿Y cuánto cuesta el envío a Salto?' });
  for (const colorScheme of ['light', 'dark']) {
    const suffix = colorScheme === 'dark' ? '-dark' : '';
    const page = await newPage(browser, { viewport: { width: 1440, height: 900 }, colorScheme, reducedMotion: 'reduce', locale: 'es-UY' });
    await page.goto(`${server.url}/console/#/floor/wallboard`);
    await page.getByLabel('Usuario').fill('sofia');
    await page.getByLabel('Contraseña').fill(server.password('sofia'));
    await page.keyboard.press('Enter');
    // The chats that began first last longer than Time chat.
    await page.locator('.thresholds .over').first().waitFor({ timeout: 60_000 });
    await shoot(page, `supervisor-wallboard${suffix}`);
    await page.getByRole('link', { name: 'Chats en vivo' }).click();
    await page.getByRole('button', { name: 'Mirar el chat con Lucía Fernández' }).click();
    await page.locator('.watch').getByText('¿Y cuánto cuesta el envío a Salto?').waitFor();
    if (colorScheme === 'light') {
      await page.getByRole('textbox', { name: 'Susurrar al agente' }).fill('El envío a Salto es gratis desde tres mil pesos');
      await page.keyboard.press('Enter');
    }
    await page.locator('.watch .entry.note').waitFor();
    await shoot(page, `supervisor-watch${suffix}`);
    await page.getByRole('row').filter({ hasText: 'En espera' }).first().getByRole('button', { name: /^¿Por qué/ }).click();
    await page.getByRole('dialog').getByRole('table').waitFor();
    await shoot(page, `supervisor-why${suffix}`);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Agentes' }).click();
    await page.locator('.people').waitFor();
    await shoot(page, `supervisor-agents${suffix}`);
    await page.getByRole('link', { name: 'Auditoría' }).click();
    await page.getByRole('table').waitFor();
    await shoot(page, `supervisor-audit${suffix}`);
    if (colorScheme === 'light') {
      // Some chats are over by now, with what reports are made of.
      for (const visitor of first.slice(1, 4)) {
        const agent = [ana, bruno].find((agent) => agent.pushes.some((push) => push.push === 'chat' && push.view.chat === visitor.chat && push.view.phase.kind === 'active'));
        if (!agent) continue;
        await agent.ask('write', { chat: visitor.chat, key: `bye-${visitor.chat}`, text: 'Gracias por escribirnos.' });
        await agent.ask('close', { chat: visitor.chat });
        await visitor.push((push) => push.push === 'closed');
        await visitor.ask('feedback', { chat: visitor.chat, score: 5 });
      }
      await page.getByRole('link', { name: 'Informes' }).click();
      await page.getByRole('row', { name: /Ventas/ }).first().waitFor();
      await shoot(page, 'console-reports');
    }
    await page.context().close();

    // The preview needs the real server, so the campaign's settings are here too.
    const settingsPage = await newPage(browser, { viewport: { width: 1440, height: 900 }, colorScheme, reducedMotion: 'reduce', locale: 'es-UY' });
    await settingsPage.goto(`${server.url}/console/#/campaigns/1`);
    await settingsPage.getByLabel('Usuario').fill('admin');
    await settingsPage.getByLabel('Contraseña').fill(server.password('admin'));
    await settingsPage.keyboard.press('Enter');
    await settingsPage.frameLocator('.preview-frame iframe').locator('form .main').waitFor();
    await shoot(settingsPage, `console-campaign${suffix}`);
    await settingsPage.context().close();
  }
} finally {
  await browser.close();
  for (const undo of cleanup) await undo();
}
