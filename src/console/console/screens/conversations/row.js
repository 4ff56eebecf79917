// One conversation in a list.

import { html, classes, useObservable } from '../../shared/ui.js';
import { listTime, fullTime } from '../../shared/time.js';
import { Icon } from '../../shared/icons.js';
import { contactName, useConversations } from './context.js';
import { Avatar } from '../../shell/avatar.js';
import { PriorityMark } from './priority.js';

export function Row({ row }) {
  const { workspace, conversations, t, language } = useConversations();
  const watched = useObservable(workspace.desk.conversations.get(row.conversation));
  const unread = conversations.unread.has(row);
  const open = conversations.current === row.conversation;
  const name = contactName(row, t);
  const at = row.preview?.at ?? row.last_at;
  return html`
    <a class=${classes('row', unread && 'unread')} href=${`#/conversations/${row.conversation}`} aria-current=${open ? 'true' : null}
      data-testid="conversation-row" data-conversation=${row.conversation}>
      <${Avatar} name=${row.contact_name} id=${row.contact} />
      <span class="row-body">
        <span class="row-line">
          <bdi class="row-name">${name}</bdi>
          <time class="row-time" title=${fullTime(at, language)}>${listTime(at, language)}</time>
        </span>
        <span class="row-line">
          <span class="row-preview" dir="auto">${previewText(row, watched, t, conversations)}</span>
          ${unread && html`<span class="unread-dot" role="img" aria-label=${t('unread')}></span>`}
        </span>
        ${rowMarks(row, conversations)}
      </span>
    </a>`;
}

function previewText(row, watched, t, conversations) {
  if (watched?.typists.some(({ member }) => member.kind === 'contact')) return html`<em class="typing-text">…</em>`;
  if (!row.preview) return html`<span class="muted">${t('no_messages')}</span>`;
  const mine = row.preview.member.kind === 'agent' && row.preview.member.id === conversations.agent.id;
  return mine ? `${t('says', { name: t('you'), text: row.preview.text })}` : row.preview.text;
}

/** How urgent it is, who holds it, and its tags: only where the tab does not say so already. */
function rowMarks(row, conversations) {
  const holder = conversations.tab !== 'mine' && row.assignment?.name;
  const urgent = ['high', 'urgent'].includes(row.fields?.priority);
  if (!holder && !urgent && !row.tags.length) return null;
  return html`
    <span class="row-marks">
      <${PriorityMark} row=${row} />
      ${holder && html`<span class="chip holder"><${Icon} name="person" size=${12} /><bdi>${holder}</bdi></span>`}
      ${row.tags.slice(0, 3).map((tag) => html`<bdi class="chip" key=${tag}>${tag}</bdi>`)}
      ${row.tags.length > 3 && html`<span class="chip">+${row.tags.length - 3}</span>`}
    </span>`;
}
