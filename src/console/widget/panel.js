// The open panel: who answers, what was said, and where to write.

import { html, classes, useObservable } from './shared/ui.js';
import { Icon } from './shared/icons.js';
import { isolated, withNames } from './shared/isolate.js';
import { Messages } from './messages.js';
import { Composer } from './composer.js';

export function Panel({ chat, t, language, onClose }) {
  useObservable(chat.desk);
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
      <${Composer} chat=${chat} t=${t} />
    </section>`;
}

/** Whether the desk can be heard. Silent while all is well. */
function State({ chat, t }) {
  const { state, problem } = useObservable(chat.desk.connection);
  const refused = { forbidden: 'not_here', inbox_disabled: 'disabled' };
  const offline = state !== 'online' && state !== 'connecting' && chat.settings.offline_text;
  const words = refused[problem] ? t(refused[problem]) : offline || t(state);
  return html`
    <div class=${classes('state', `state-${state}`)} role="status" data-testid="connection-state" data-state=${state}>
      ${state === 'online' ? html`<span class="quiet">${words}</span>` : html`<span class="dot"></span>${words}`}
    </div>`;
}
