// The whole screen: the door, or the desk.

import { html, useEffect, useObservable, useState } from '../shared/ui.js';
import { SessionContext, useDesk } from './context.js';
import { Login } from './login.js';
import { Rail } from './rail.js';
import { List } from './list.js';
import { ConversationPane } from './conversation.js';
import { LedgerPane } from './ledger.js';
import { Toasts } from './toasts.js';
import { Help } from './help.js';
import { listenToKeys } from './keyboard.js';

export function App({ session }) {
  useObservable(session);
  const { state, t } = session;
  let screen = html`<p class="starting" role="status">${state === 'unreachable' ? t('unreachable') : ''}</p>`;
  if (state === 'signed_out') screen = html`<${Login} />`;
  if (state === 'signed_in') screen = html`<${Shell} />`;
  return html`<${SessionContext.Provider} value=${session} key=${session.language}>${screen}<//>`;
}

function Shell() {
  const { workspace } = useDesk();
  const [help, setHelp] = useState(false);
  useEffect(() => listenToKeys(workspace, { help: () => setHelp((shown) => !shown) }), [workspace]);
  return html`
    <div class="shell" data-view=${workspace.page ?? (workspace.current ? 'conversation' : 'list')}>
      <${Rail} onHelp=${() => setHelp(true)} />
      ${workspace.page === 'ledger'
        ? html`<${LedgerPane} />`
        : html`<${List} /><${ConversationPane} key=${workspace.current} />`}
      <${Toasts} />
      ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
    </div>`;
}
