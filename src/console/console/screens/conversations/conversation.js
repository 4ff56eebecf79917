// The right-hand side: the conversation on screen and its details.

import { html, useObservable, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { useConversations } from './context.js';
import { ConnectionBanner } from '../../shell/connection_state.js';
import { ConversationHead } from './conversation_head.js';
import { Messages } from './messages.js';
import { Composer } from './composer.js';
import { Details } from './details.js';

export function ConversationPane() {
  const { workspace, conversations, t } = useConversations();
  const conversation = useObservable(conversations.conversation);
  const [details, setDetails] = useState(false);
  if (!conversation) return html`
    <main class="pane"><div class="empty"><span class="empty-icon"><${Icon} name="chat" size=${36} /></span>
      <p><strong>${t('choose')}</strong></p><p class="muted">${t('choose_hint')}</p></div></main>`;

  const missing = !conversation.ready && ['not_found', 'forbidden'].includes(conversation.problem);
  const row = conversations.rows.get(conversation.id);
  return html`
    <main class="pane">
      <${ConversationHead} conversation=${conversation} row=${row} details=${details} onDetails=${() => setDetails(!details)} />
      <${ConnectionBanner} />
      ${missing
        ? html`<div class="empty"><p>${t('not_found')}</p></div>`
        : html`<${Messages} conversation=${conversation} row=${row} />
          <${Composer} conversation=${conversation} row=${row} />`}
    </main>
    ${!missing && html`<${Details} conversation=${conversation} row=${row} shown=${details} onClose=${() => setDetails(false)} />`}`;
}
