// The open panel: who answers, what was said, and where to write.

import { html, classes, useObservable } from './shared/ui.js';
import { Icon } from './shared/icons.js';
import { isolated, withNames } from './shared/isolate.js';
import { Messages } from './messages.js';
import { Composer } from './composer.js';

export function Panel({ chat, t, language, onClose }) {
  useObservable(chat.desk);
  const { kind } = useObservable(chat.desk.connection);
  const conversation = useObservable(chat.conversation);
  const { inbox } = chat.visitor;
  const holder = conversation?.assignment?.name;
  const keyed = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose();
  };
  return html`
    <section class="panel" role="dialog" aria-label=${inbox?.name ?? t('title')} data-testid="widget-panel" onKeyDown=${keyed}>
      <header class="head">
        <div class="head-text">
          <h2><bdi>${inbox?.name ?? t('title')}</bdi></h2>
          <p>${holder && conversation.status !== 'resolved' ? withNames(t('with_you', { name: isolated(holder) })) : t('subtitle')}</p>
        </div>
        <button class="round" aria-label=${t('close')} onClick=${onClose}><${Icon} name="close" size=${20} /></button>
      </header>
      <${State} chat=${chat} t=${t} />
      <${Messages} chat=${chat} conversation=${conversation} t=${t} language=${language} />
      ${isOpen(kind) && html`<${Composer} chat=${chat} t=${t} />`}
    </section>`;
}

/** Whether there is a point in writing: not where the desk refused the visitor, or the page, for good. */
const isOpen = (kind) => !kind || kind === 'again';

/** Whether the desk can be heard. Silent while all is well. */
function State({ chat, t }) {
  const { connection } = chat.desk;
  const { state, problem, kind, welcome } = useObservable(connection);
  return html`
    <div class=${classes('state', `state-${state}`)} role="status" data-testid="connection-state" data-state=${state} data-problem=${problem ?? ''}>
      ${state === 'online' ? html`<span class="quiet">${t(state)}</span>` : html`<span class="dot"></span>
        <span>${stateWords({ state, problem, kind, known: Boolean(welcome), offlineText: chat.settings.offline_text }, t)}</span>`}
      ${kind === 'again' && html`<button class="link" data-testid="try-again" onClick=${() => connection.retryNow()}>${t('try_again')}</button>`}
    </div>`;
}

/**
 * What stands above the messages while there is no connection. That messages are sent later is promised only by a chat
 * that was connected before (`known`): one that never was may never be.
 */
export function stateWords({ state, problem, kind, known, offlineText }, t) {
  if (state === 'connecting') return t(state);
  if (state === 'stopped' && !isOpen(kind)) return t(problem === 'inbox_disabled' ? 'disabled' : kind === 'gone' || kind === 'not_allowed' ? 'not_here' : 'refused');
  if (offlineText) return offlineText;
  if (state === 'stopped') return t('unreachable');
  return t(known ? state : `${state}_unknown`);
}
