// One line of a conversation: a message, a note, or something that happened.

import { html, classes, useContext } from '../../shared/ui.js';
import { isWritten } from '../../shared/grouping.js';
import { MessageText } from '../../shared/message_text.js';
import { DeliveryMark, Icon } from '../../shared/icons.js';
import { isolated, withNames } from '../../shared/isolate.js';
import { authorMark } from '../../shared/author.js';
import { clockTime, fullTime } from '../../shared/time.js';
import { Avatar } from '../../shell/avatar.js';
import { reasonText, useConsole } from '../../shell/context.js';
import { contactName } from './context.js';

export function Line({ line, row }) {
  return isWritten(line) ? html`<${Written} line=${line} row=${row} />` : html`<${Activity} line=${line} row=${row} />`;
}

/** The attributes that tell a line apart, for tests and assistive tools. */
const marks = (line, kind) => ({
  'data-testid': 'message', 'data-seq': line.seq ?? '', 'data-state': line.state, 'data-kind': kind, 'data-mine': String(line.mine),
});

function Written({ line, row }) {
  const { t, language, workspace } = useConsole();
  const note = line.event.kind === 'note_added';
  const fromContact = line.author.member.kind === 'contact';
  const name = line.mine ? workspace.agent.name : authorName(line.author, row, t);
  const mark = authorMark(line.author);
  return html`
    <article class=${classes('line', fromContact ? 'theirs' : 'ours', note && 'note', line.starts && 'starts', line.ends && 'ends')} ...${marks(line, note ? 'note' : 'message')}>
      ${fromContact && html`<span class="line-avatar">${line.ends && html`<${Avatar} name=${line.author.name} id=${line.author.member.id} size="small" />`}</span>`}
      <div class="line-body">
        ${line.starts && (note || !line.mine) && html`<p class="line-name">${note && html`<${Icon} name="note" size=${14} />`}<bdi>${name}</bdi>
          ${mark && name !== t(mark) && html`<span class="badge" data-testid="author-kind">${t(mark)}</span>`}</p>`}
        <div class="bubble"><${MessageText} text=${line.event.text} /></div>
        ${line.showsState && html`
          <p class="line-meta"><time title=${fullTime(line.at, language)}>${clockTime(line.at, language)}</time>
            ${line.mine && html`<${DeliveryMark} state=${line.state} words=${t(`mark_${line.state}`)} />`}</p>`}
        ${line.state === 'failed' && html`<${Failure} line=${line} />`}
        ${line.state === 'dead_lettered' && html`<${DeadLettered} />`}
      </div>
    </article>`;
}

/** The name that the author gave, or else what it is. */
function authorName(author, row, t) {
  if (author.name) return author.name;
  if (author.member.kind === 'contact') return contactName(row, t);
  const mark = authorMark(author);
  return mark ? t(mark) : '?';
}

/** Why it was not sent, and the two ways out. */
function Failure({ line }) {
  const { t, workspace } = useConsole();
  return html`
    <p class="failure" role="alert">${t('failed_because', { why: reasonText(line.reason, t) })}
      <button class="link" data-testid="retry" onClick=${() => workspace.desk.retry(line.client_id)}>${t('retry')}</button>
      <button class="link" data-testid="discard" onClick=${() => workspace.desk.discard(line.client_id)}>${t('discard')}</button>
    </p>`;
}

/** Accepted and kept, but not filed yet: nothing that its author could do. */
function DeadLettered() {
  const { t } = useConsole();
  return html`<p class="kept" role="status">${t('dead_lettered')}</p>`;
}

const KNOWN = ['opened', 'assigned', 'unassigned', 'resolved', 'reopened', 'pended', 'snoozed', 'tagged', 'untagged', 'field_set'];

const KNOWN_FIELDS = ['priority'];

/** Events and fields of a newer version are kept and not shown. */
export const isShown = (line) => isWritten(line)
  || (KNOWN.includes(line.event.kind) && (line.event.kind !== 'field_set' || KNOWN_FIELDS.includes(line.event.field)));

/** The name of what happened, in the words: a field tells its own, and apart whether it was set or cleared. */
function activityName(event, author) {
  if (event.kind === 'unassigned' && author.member.kind === 'system') return 'released';
  if (event.kind === 'assigned') return event.how;
  if (event.kind === 'field_set') return `${event.value === null ? 'clear' : 'set'}_${event.field}`;
  return event.kind;
}

function Activity({ line, row }) {
  const { t, language } = useConsole();
  const { event, author } = line;
  const who = line.mine ? t('you') : isolated(authorName(author, row, t));
  const words = t(`did_${activityName(event, author)}`, {
    who, value: event.value && t(`${event.field}_${event.value}`), to: isolated(event.agent_name ?? ''), tag: isolated(event.tag ?? ''), time: event.until && fullTime(event.until, language),
  });
  return html`
    <p class="activity" ...${marks(line, 'activity')}><span>${withNames(words)}</span>
      <time title=${fullTime(line.at, language)}>${clockTime(line.at, language)}</time></p>`;
}
