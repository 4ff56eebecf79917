// The right pane: who the contact is, and how the conversation is filed.

import { html, classes, useObservable } from '../../shared/ui.js';
import { fullTime } from '../../shared/time.js';
import { Icon } from '../../shared/icons.js';
import { contactName, useConversations } from './context.js';
import { Avatar } from '../../shell/avatar.js';
import { Assignee } from './assignee.js';
import { Filing } from './filing.js';
import { Priority } from './priority.js';
import { Tags } from './tags.js';

export function Details({ conversation, row, shown, onClose }) {
  const { workspace, t, language } = useConversations();
  const directory = useObservable(workspace.directory);
  const contact = directory.contact(row?.contact);
  const fact = (label, value) => value && html`<div class="fact"><dt>${label}</dt><dd><bdi>${value}</bdi></dd></div>`;
  return html`
    <aside class=${classes('details', shown && 'shown')} aria-label=${t('details')}>
      <button class="icon-button details-close" aria-label=${t('close')} onClick=${onClose}><${Icon} name="close" /></button>
      <div class="details-contact">
        <${Avatar} name=${row?.contact_name} id=${row?.contact} size="large" />
        <p><strong><bdi>${row ? contactName(row, t) : '…'}</bdi></strong></p>
        ${contact?.email && html`<p class="muted"><bdi>${contact.email}</bdi></p>`}
      </div>
      <${Assignee} conversation=${conversation} />
      <${Filing} conversation=${conversation} row=${row} />
      <${Priority} row=${row} />
      <${Tags} conversation=${conversation} row=${row} />
      <dl class="facts">
        ${fact(t('inbox'), row && directory.inbox(row.inbox)?.name)}
        ${fact(t('started'), row && fullTime(row.opened_at, language))}
        ${fact(t('since'), contact?.created_at && fullTime(contact.created_at, language))}
      </dl>
    </aside>`;
}
