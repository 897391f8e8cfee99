// The pictures of the documentation.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));

/** Takes a picture of `page` anew, if docs/pictures has one of this name: none is kept that no page shows. */
export async function shoot(page, name) {
  const path = `${FOLDER}${name}.png`;
  if (!existsSync(path)) return;
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path });
}
