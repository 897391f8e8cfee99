// Starts the console.

import { html, render } from './vendor/preact.js';
import { recall } from './desk/session.js';
import { App } from './views/app.js';
import { listenForPalette } from './views/palette.js';
import './lib/theme.js';

listenForPalette();
const root = document.getElementById('app');
if (root) render(html`<${App} />`, root);
void recall();
