// What every view has: the session, the workspace, and words in the agent's language.

import { createContext, useContext, useObservable } from '../shared/ui.js';

export const SessionContext = createContext(null);

/** The translator of the screen on show, which knows its words beside those that all share. */
export const WordsContext = createContext(null);

/** `{session, workspace, t, language}`, for views that draw nothing of the workspace itself. */
export function useConsole() {
  const session = useContext(SessionContext);
  const t = useContext(WordsContext) ?? session.t;
  return { session, workspace: session.workspace, t, language: session.language };
}

/** As `useConsole`; draws again when the agent's standing or presence changes. */
export function useDesk() {
  const desk = useConsole();
  useObservable(desk.workspace);
  return desk;
}

/** Why a request was refused, in words. */
export const reasonText = (code, t) => {
  const words = t(`code_${code}`);
  return words === `code_${code}` ? t('code_other') : words;
};
