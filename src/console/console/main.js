// The agent console: finds out who is there, then shows the desk or the page to sign in.

import { html, render } from './shared/ui.js';
import { Session } from './session.js';
import { App } from './shell/app.js';

const session = new Session();
render(html`<${App} session=${session} />`, document.getElementById('console'));
session.start();
