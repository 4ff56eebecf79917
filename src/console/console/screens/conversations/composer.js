// Where replies and notes are written. A note looks different in every part, so that none goes to the contact by
// mistake.

import { html, classes, useEffect, useObservable, useRef, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { isComposing } from '../../shared/keys.js';
import { isolated, withNames } from '../../shared/isolate.js';
import { MAX_TEXT_BYTES, cleanText, tooLong } from '../../shared/message_text.js';
import { contactName, useConversations } from './context.js';

export function Composer({ conversation, row }) {
  const { workspace, conversations, t } = useConversations();
  const { id } = conversation;
  const [draft, setDraft] = useState(() => conversations.drafts.get(id));
  const field = useRef(null);
  const stands = conversations.standing(id);
  const obstacle = draft.note ? null : obstacleTo(stands, conversations, t);
  const allowed = useObservable(workspace.settings).of(row?.inbox)?.values.conversation;
  const maxBytes = allowed?.max_message_bytes ?? MAX_TEXT_BYTES;
  const isLong = (text) => tooLong(cleanText(text), maxBytes);
  const long = isLong(draft.text);

  const change = (next) => {
    setDraft(next);
    conversations.drafts.set(id, next);
  };
  const toggleNote = () => {
    change({ ...draft, note: !draft.note });
    field.current.focus();
  };

  // The field grows with its text, up to a bound in the style sheet.
  useEffect(() => {
    field.current.style.height = 'auto';
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [draft.text]);

  useEffect(() => {
    const wish = conversations.composing;
    if (!wish) return;
    conversations.composing = null;
    change({ ...draft, note: wish.note });
    requestAnimationFrame(() => field.current?.focus());
  }, [conversations.composing]);

  // Held by a ref too: two key presses may come before the next drawing, and the second must not send again.
  const latest = useRef(draft);
  latest.current = draft;
  const send = () => {
    const { text, note } = latest.current;
    if (obstacle || isLong(text) || !conversations.write(note ? 'note' : 'say', text)) return;
    latest.current = { text: '', note };
    change(latest.current);
    field.current.focus();
  };
  const keyed = (event) => {
    // Enter that ends the choice of a character in an input method is not a wish to send.
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    send();
  };
  const typed = (event) => {
    change({ ...draft, text: event.currentTarget.value });
    const shown = allowed?.typing_indicator !== false;
    if (shown && !draft.note && event.currentTarget.value) workspace.desk.typing.pressed(id);
  };

  return html`
    <form class=${classes('composer', draft.note && 'is-note')} onSubmit=${(event) => { event.preventDefault(); send(); }}>
      ${obstacle && html`
        <p class="obstacle" id="obstacle">${withNames(obstacle.words)}
          ${obstacle.way && html`<button type="button" class="link" disabled=${conversations.busy(id, obstacle.way)}
            onClick=${() => conversations.act(obstacle.way)}>${t(obstacle.way)}</button>`}</p>`}
      <div class="composer-box">
        <textarea ref=${field} rows="1" dir="auto" data-testid="composer" aria-label=${t('composer_label')} aria-describedby=${obstacle ? 'obstacle' : null}
          placeholder=${draft.note ? t('composer_note') : obstacle ? '' : t('composer_reply', { name: contactName(row, t) })}
          disabled=${Boolean(obstacle)} value=${draft.text} onInput=${typed} onKeyDown=${keyed}></textarea>
        <div class="composer-tools">
          <button type="button" class="button small note-toggle" aria-pressed=${draft.note} title=${t('note_toggle')} data-testid="composer-note-toggle"
            onClick=${toggleNote}><${Icon} name="note" size=${16} />${t('note')}</button>
          <span class="composer-hint">${long ? html`<span class="error" role="alert">${t('too_long', { max: maxBytes })}</span>` : t('send_hint')}</span>
          <button class="button small primary" data-testid="composer-send" disabled=${Boolean(obstacle) || long || !draft.text.trim()}>
            <${Icon} name="send" size=${16} />${t(draft.note ? 'send_note' : 'send')}</button>
        </div>
      </div>
    </form>`;
}

/** Why this agent cannot reply now, and the command that changes it; null if nothing is in the way. */
function obstacleTo(stands, conversations, t) {
  if (!stands) return { words: t('conversation_waiting') };
  if (stands.status === 'resolved') return { words: t('reopen_first'), way: 'reopen' };
  if (!stands.assignment) return { words: t('claim_first'), way: 'claim' };
  if (stands.assignment.agent === conversations.agent.id || conversations.leads) return null;
  return { words: t('held_by_other', { name: isolated(stands.assignment.name) }) };
}
