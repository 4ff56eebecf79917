// The whole window: signing in, or the rail with the screen that the address asks for.

import { html, useObservable, useState } from '../shared/ui.js';
import { SessionContext, useConsole } from './context.js';
import { Help } from './help.js';
import { useShortcuts } from './keyboard.js';
import { Login } from './login.js';
import { Rail } from './rail.js';
import { Screen } from './screen.js';
import { Toasts } from './toasts.js';

export function App({ session }) {
  useObservable(session);
  const { state, t } = session;
  let window = html`<p class="starting" role="status">${state === 'unreachable' ? t('unreachable') : ''}</p>`;
  if (state === 'signed_out') window = html`<${Login} />`;
  if (state === 'signed_in') window = html`<${Shell} />`;
  return html`<${SessionContext.Provider} value=${session} key=${session.language}>${window}<//>`;
}

function Shell() {
  const { workspace } = useConsole();
  const { route } = useObservable(workspace.router);
  const [help, setHelp] = useState(false);
  useShortcuts(workspace, { help: () => setHelp((shown) => !shown) });
  const list = route.screen?.name === 'conversations' && !route.params.id;
  const view = list ? 'list' : route.screen?.name === 'conversations' ? 'conversation' : 'page';
  return html`
    <div class="shell" data-view=${view}>
      <${Rail} onHelp=${() => setHelp(true)} />
      <${Screen} route=${route} />
      <${Toasts} />
      ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
    </div>`;
}
