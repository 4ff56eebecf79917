// What the views of this screen need: the conversations, beside what every view has.

import { useObservable } from '../../shared/ui.js';
import { useDesk } from '../../shell/context.js';

/** `{conversations, ...useDesk()}`; draws again when something about conversations changes. */
export function useConversations() {
  const desk = useDesk();
  return { ...desk, conversations: useObservable(desk.workspace.conversations) };
}

/** A contact's name, or a name for a visitor who gave none. */
export const contactName = (row, t) => row?.contact_name || t('visitor', { id: (row?.contact ?? '').slice(-4).toUpperCase() });
