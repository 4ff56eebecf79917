// Whether the desk can be heard, said honestly.

import { html, useObservable, classes } from '../shared/ui.js';
import { problemWords } from '../kit/problem.js';
import { useDesk } from './context.js';

export function ConnectionState() {
  const { workspace, t } = useDesk();
  const { state } = useObservable(workspace.desk.connection);
  const { active } = useObservable(workspace.catchUp);
  const shown = state === 'online' && active ? 'catching_up' : state;
  return html`
    <span class=${classes('connection', `connection-${shown}`)} role="status" data-testid="connection-state" data-state=${state}
      data-catching-up=${String(active)} title=${t(shown)}>
      <span class="dot"></span>${t(`state_${shown}`)}
    </span>`;
}

export function ConnectionBanner() {
  const { workspace, t } = useDesk();
  const { state, kind, problem } = useObservable(workspace.desk.connection);
  if (state === 'online' || state === 'connecting') return null;
  return html`
    <div class="banner">${kind && kind !== 'again' ? problemWords({ code: problem }, t) : t(state)}
      <button class="link" onClick=${() => workspace.desk.connection.retryNow()}>${t('retry')}</button>
    </div>`;
}
