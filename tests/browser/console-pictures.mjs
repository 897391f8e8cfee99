// Takes the pictures of the console in docs/pictures: `node console-pictures.mjs`. Not a test.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, newPage } from './lib/browser.mjs';
import { busy } from './lib/busy-desk.mjs';
import { Centre } from './mock/agent-server.mjs';

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const SCREENS = [
  { viewport: { width: 1440, height: 900 }, colorScheme: 'light', suffix: '' },
  { viewport: { width: 1024, height: 768 }, colorScheme: 'light', suffix: '-1024', only: ['sign-in', 'empty', 'desk', 'offer', 'palette'] },
  { viewport: { width: 1440, height: 900 }, colorScheme: 'dark', suffix: '-dark', only: ['desk'] },
];

await mkdir(FOLDER, { recursive: true });
const browser = await launch();
for (const { suffix, only, ...options } of SCREENS) {
  const mock = await new Centre().listen();
  mock.addUser({ login: 'ana', name: 'Ana Ferreira' });
  mock.addUser({ login: 'bruno', name: 'Bruno Silva' });
  mock.addUser({ login: 'rosa', name: 'Rosa Duarte', role: 'administrator' });
  mock.addCampaign({ name: 'Ventas', colour: '#0a7d5c', members: [{ agent: 1, penalty: 0, skills: ['es', 'pt'] }, { agent: 2, penalty: 2, skills: ['es'] }] });
  mock.addCampaign({ name: 'Soporte técnico', colour: '#7a3cc2', answer_within: 40, pull: true, why_not: 'pull' });
  mock.addCampaign({ name: 'Cobranzas', colour: '#c2561a', open: false, why_not: 'no_voice_campaign' });
  const page = await newPage(browser, { ...options, reducedMotion: 'reduce', locale: 'es-UY' });
  const shoot = async name => {
    if (only && !only.includes(name)) return;
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${FOLDER}console-${name}${suffix}.png` });
  };
  const enter = async login => {
    await page.getByLabel('Usuario').fill(login);
    await page.getByLabel('Contraseña').fill('secret-1');
    await page.keyboard.press('Enter');
  };
  await page.goto(`${mock.url}/console/`);
  await page.getByRole('button', { name: 'Ingresar' }).waitFor();
  await shoot('sign-in');
  await enter('ana');
  await page.getByRole('heading', { name: 'Ningún chat por ahora' }).waitFor();
  await shoot('empty');
  busy(mock, 'es');
  await page.locator('.chat-row').filter({ hasText: 'María' }).click();
  await page.getByRole('log').getByText('cuotas').waitFor();
  await shoot('desk');
  mock.offer(mock.arrive({ name: 'Sofía Martínez', page: 'https://shop.example/ofertas', at: Date.now() - 14e3, messages: ['Buenas, ¿hacen envíos a Rivera?'] }), 1);
  await page.getByRole('article').getByText('Rivera').waitFor();
  await shoot('offer');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await shoot('palette');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Lado a lado' }).click();
  await page.getByRole('textbox').nth(2).waitFor();
  await shoot('side');
  await page.getByRole('button', { name: 'Ana Ferreira, Agente' }).click();
  await page.getByRole('menuitem', { name: 'Salir' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Salir' }).click();
  await enter('rosa');
  await page.getByRole('link', { name: 'Ventas' }).click();
  await page.getByRole('heading', { name: 'Básico' }).waitFor();
  await page.getByRole('link', { name: 'Miembros' }).click();
  await page.getByRole('button', { name: 'Subir a Bruno Silva' }).waitFor();
  await shoot('members');
  await page.context().close();
  await mock.close();
}
await browser.close();
