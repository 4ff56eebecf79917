// Conversations: the list under the chosen tab, the conversation on screen, and its details.

import { html } from '../../shared/ui.js';
import { useKeys } from '../../shell/keyboard.js';
import { useConversations } from './context.js';
import { ConversationPane } from './conversation.js';
import { pressed } from './keyboard.js';
import { List } from './list.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [
  new URL('./list.css', import.meta.url),
  new URL('./messages.css', import.meta.url),
  new URL('./details.css', import.meta.url),
];

export function View() {
  const { conversations } = useConversations();
  useKeys((key) => pressed(key, conversations), [conversations]);
  return html`<${List} /><${ConversationPane} key=${conversations.current} />`;
}
