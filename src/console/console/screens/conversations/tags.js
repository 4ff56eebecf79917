// Labels on a conversation.

import { html, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { cleanLine } from '../../shared/message_text.js';
import { useConversations } from './context.js';

export function Tags({ conversation, row }) {
  const { conversations, t } = useConversations();
  const [text, setText] = useState('');
  const tags = row?.tags ?? [];
  const add = (event) => {
    event.preventDefault();
    const tag = cleanLine(text);
    if (!tag) return;
    if (!tags.includes(tag)) conversations.act('tag', { tag });
    setText('');
  };
  const suggestions = [...new Set(['mine', 'open'].flatMap((tab) => conversations.rows.of(tab)).flatMap((other) => other.tags))]
    .filter((tag) => !tags.includes(tag)).slice(0, 20);
  return html`
    <div class="field">${t('tags')}
      <div class="tags">
        ${tags.map((tag) => html`
          <span class="chip tag" key=${tag}><bdi>${tag}</bdi>
            <button aria-label=${t('remove_tag', { tag })} onClick=${() => conversations.act('untag', { tag })}><${Icon} name="close" size=${12} /></button></span>`)}
        <form onSubmit=${add}>
          <input class="tag-input" list="known-tags" maxlength="64" placeholder=${t('add_tag')} aria-label=${t('add_tag')} data-testid="add-tag"
            value=${text} onInput=${(event) => setText(event.currentTarget.value)} />
          <datalist id="known-tags">${suggestions.map((tag) => html`<option key=${tag} value=${tag} />`)}</datalist>
        </form>
      </div>
    </div>`;
}
