// What was said, with what a visitor should know in between: who joined, and when it was resolved.

import { html, classes, Fragment, useEffect, useRef } from './shared/ui.js';
import { useMessageScroll } from './shared/message_scroll.js';
import { grouped, isWritten } from './shared/grouping.js';
import { MessageText } from './shared/message_text.js';
import { DeliveryMark, Icon } from './shared/icons.js';
import { isolated, withNames } from './shared/isolate.js';
import { authorMark } from './shared/author.js';
import { clockTime, dayName, fullTime } from './shared/time.js';

export function Messages({ chat, conversation, t, language }) {
  const list = useRef(null);
  const lines = grouped(chat.lines().filter((line) => isWritten(line) || activityText(line, t)));
  const { atEnd, toEnd } = useMessageScroll({
    list,
    lines,
    onTop: () => conversation && chat.desk.loadOlder(conversation),
    onSeen: () => chat.seen(),
    place: chat.place,
    drawing: chat.placed,
  });
  useEffect(() => chat.seen(), [conversation?.ready]);
  const { greeting } = chat.settings;
  const typists = chat.settings.typing_indicator === false ? [] : conversation?.typists ?? [];
  const last = lines.findLast((line) => !line.mine && line.event.text);
  return html`
    <div class="messages" ref=${list} role="log" aria-live="off" tabindex="0" aria-label=${t('title')}>
      <div>
      ${conversation?.timeline.hasOlder && html`<p class="older" key="older">${t('loading')}</p>`}
      ${!conversation?.timeline.hasOlder && greeting && html`
        <div class="line theirs starts ends" key="greeting"><div class="bubble"><${MessageText} text=${greeting} /></div></div>`}
      ${lines.map((line) => html`<${Fragment} key=${line.key}>
        ${line.newDay && html`<p class="day">${dayName(line.at, language)}</p>`}
        ${isWritten(line) ? html`<${Written} line=${line} chat=${chat} t=${t} language=${language} />` : html`<${Activity} line=${line} t=${t} />`}<//>`)}
      ${typists.length > 0 && html`
        <p class="line theirs typing" key="typing"><span class="bubble" aria-hidden="true"><i></i><i></i><i></i></span>
          <span class="hidden" role="status">${t('typing', { name: typists[0].name || t('title') })}</span></p>`}
      </div>
    </div>
    <p class="hidden" aria-live="polite">${last ? t('says', { name: last.author.name, text: last.event.text }) : ''}</p>
    ${!atEnd && html`<button class="to-end round" aria-label=${t('to_end')} onClick=${toEnd}><${Icon} name="down" size=${18} /></button>`}`;
}

/** Codes of a message that is longer than the desk, or the inbox, takes. */
const TOO_LONG = ['message_too_long', 'too_large'];

const marks = (line, kind) => ({
  'data-testid': 'message', 'data-seq': line.seq ?? '', 'data-state': line.state, 'data-kind': kind, 'data-mine': String(line.mine),
});

function Written({ line, chat, t, language }) {
  const failed = line.state === 'failed';
  const mark = authorMark(line.author);
  return html`
    <div class=${classes('line', line.mine ? 'ours' : 'theirs', line.starts && 'starts', line.ends && 'ends')} ...${marks(line, 'message')}>
      ${line.starts && !line.mine && html`<p class="name"><bdi>${line.author.name || (mark ? t(mark) : '')}</bdi>
        ${mark && line.author.name && html` <span class="badge" data-testid="author-kind">${t(mark)}</span>`}</p>`}
      <div class="bubble"><${MessageText} text=${line.event.text} /></div>
      ${line.showsState && html`
        <p class="meta"><time title=${fullTime(line.at, language)}>${clockTime(line.at, language)}</time>
          ${line.mine && html`<${DeliveryMark} state=${line.state} words=${t(`mark_${line.state}`)} />`}</p>`}
      ${line.state === 'dead_lettered' && html`<p class="kept" role="status">${t('dead_lettered')}</p>`}
      ${failed && html`
        <p class="failure" role="alert">${t(TOO_LONG.includes(line.reason) ? 'too_long' : 'failed')}
          <button class="link" data-testid="retry" onClick=${() => chat.retry(line.client_id)}>${t('retry')}</button>
          <button class="link" data-testid="discard" onClick=${() => chat.discard(line.client_id)}>${t('discard')}</button></p>`}
    </div>`;
}

function Activity({ line, t }) {
  return html`<p class="activity" ...${marks(line, 'activity')}>${withNames(activityText(line, t))}</p>`;
}

/** What an event means to a visitor; nothing for what is no news to one. */
function activityText({ event }, t) {
  if (event.kind === 'assigned') return t('joined', { name: isolated(event.agent_name) });
  if (event.kind === 'resolved') return t('resolved');
  return null;
}
