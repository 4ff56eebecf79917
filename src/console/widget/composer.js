// Where a visitor writes. Open from the first moment: what cannot be sent yet is kept.

import { html, useEffect, useRef, useState } from './shared/ui.js';
import { Icon } from './shared/icons.js';
import { isComposing } from './shared/keys.js';
import { cleanText, tooLong } from './shared/message_text.js';

export function Composer({ chat, t }) {
  const field = useRef(null);
  const [text, setText] = useState(chat.draft);
  const isLong = (text) => tooLong(cleanText(text), chat.settings.max_message_bytes);
  const long = isLong(text);

  const change = (next) => {
    chat.draft = next;
    setText(next);
  };
  const send = () => {
    // The draft is read from the chat: two key presses may come before the next drawing.
    if (isLong(chat.draft) || !chat.say(chat.draft)) return;
    change('');
    field.current.focus();
  };
  const keyed = (event) => {
    // Page shortcuts of the shop must not fire while its visitor writes to it.
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === 'Escape') field.current.closest('.panel').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    send();
  };

  useEffect(() => {
    // Not on touch screens, where the keyboard would cover what there is to read, and not after a change of the page,
    // where the visitor is about something else.
    if (chat.wasOpened && matchMedia('(hover: hover)').matches) field.current.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    field.current.style.height = 'auto';
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [text]);

  return html`
    <form class="composer" onSubmit=${(event) => { event.preventDefault(); send(); }}>
      ${long && html`<p class="failure" role="alert">${t('too_long')}</p>`}
      <div class="composer-box">
        <textarea ref=${field} rows="1" dir="auto" placeholder=${t('write')} aria-label=${t('write')} data-testid="widget-input" value=${text}
          onInput=${(event) => { change(event.currentTarget.value); chat.typed(); }} onKeyDown=${keyed}></textarea>
        <button class="send" aria-label=${t('send')} title=${t('send')} data-testid="widget-send" disabled=${long || !text.trim()}><${Icon} name="send" size=${20} /></button>
      </div>
    </form>`;
}
