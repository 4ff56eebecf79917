// What every view needs: the workspace, and words in the agent's language.

import { createContext, useContext, useObservable } from '../shared/ui.js';

export const SessionContext = createContext(null);

/** `{session, workspace, t, language}`; draws again when the workspace changes. */
export function useDesk() {
  const session = useContext(SessionContext);
  useObservable(session.workspace);
  return { session, workspace: session.workspace, t: session.t, language: session.language };
}

/** A contact's name, or a name for a visitor who gave none. */
export const contactName = (row, t) => row?.contact_name || t('visitor', { id: (row?.contact ?? '').slice(-4).toUpperCase() });

/** Why a request was refused, in words. */
export const reasonText = (code, t) => {
  const words = t(`code_${code}`);
  return words === `code_${code}` ? t('code_other') : words;
};
