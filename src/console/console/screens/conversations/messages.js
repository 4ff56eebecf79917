// What was said and done, oldest first.

import { html, Fragment, useObservable, useRef } from '../../shared/ui.js';
import { useMessageScroll } from '../../shared/message_scroll.js';
import { grouped } from '../../shared/grouping.js';
import { dayName } from '../../shared/time.js';
import { Icon } from '../../shared/icons.js';
import { isolated, withNames } from '../../shared/isolate.js';
import { contactName, useConversations } from './context.js';
import { Line, isShown } from './line.js';

export function Messages({ conversation, row }) {
  const { workspace, conversations, t, language } = useConversations();
  useObservable(workspace.desk);
  const list = useRef(null);
  const { timeline } = conversation;
  const lines = grouped(conversation.lines(workspace.desk.pending(conversation.id)).filter(isShown));
  const { atEnd, toEnd } = useMessageScroll({
    list,
    lines,
    onTop: () => !conversation.olderFailed && workspace.desk.loadOlder(conversation),
    onSeen: () => conversation.ready && conversations.seen(conversation),
  });
  const older = () => {
    conversation.olderFailed = false;
    workspace.desk.loadOlder(conversation);
  };
  return html`
    <div class="messages-box">
      <div class="messages" ref=${list} role="log" aria-live="off" aria-label=${contactName(row, t)} tabindex="0">
        <div>
        ${timeline.hasOlder && html`<div class="older" key="older">${conversation.olderFailed
          ? html`${t('history_failed')} <button class="link" onClick=${older}>${t('retry')}</button>`
          : html`<span class="spinner" role="status" aria-label=${t('loading_more')}></span>`}</div>`}
        ${!conversation.ready && !lines.length && html`<${Skeleton} label=${t('conversation_waiting')} />`}
        ${lines.map((line) => html`<${Fragment} key=${line.key}>
          ${line.newDay && html`<div class="day"><span>${dayName(line.at, language)}</span></div>`}
          <${Line} line=${line} row=${row} /><//>`)}
        </div>
      </div>
      <p class="typing-line" aria-live="polite">${typingText(conversation, t)}</p>
      ${!atEnd && html`<button class="to-end" onClick=${toEnd} aria-label=${t('to_end')}><${Icon} name="down" size=${18} /></button>`}
      <${Announcer} lines=${lines} />
    </div>`;
}

function typingText(conversation, t) {
  const names = conversation.typists.map((author) => isolated(author.name || t('contact')));
  return names.length ? html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>${withNames(t('typing', { names: names.join(', ') }))}` : '';
}

/** Reads new messages of others out; the log itself stays silent, so that scrolling back is not read out too. */
function Announcer({ lines }) {
  const { t } = useConversations();
  const from = useRef(null);
  const last = lines.findLast((line) => !line.mine && line.event.text);
  from.current ??= last?.seq ?? 0;
  const news = last && last.seq > from.current;
  return html`<p class="hidden" aria-live="polite">${news ? t('says', { name: last.author.name || t('contact'), text: last.event.text }) : ''}</p>`;
}

const Skeleton = ({ label }) => html`
  <div class="message-skeleton" role="status" aria-label=${label}><i></i><i></i><i class="mine"></i><i></i></div>`;
