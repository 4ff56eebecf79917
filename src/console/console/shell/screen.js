// The screen that the address asks for: loaded when it is first opened, with its own words around it.

import { html, useMemo, useObservable } from '../shared/ui.js';
import { translator } from '../shared/language.js';
import { Icon } from '../shared/icons.js';
import { WORDS } from '../words/words.js';
import { WordsContext, useDesk } from './context.js';

export function Screen({ route }) {
  const { workspace } = useDesk();
  const { screen } = route;
  const allowed = screen && (!screen.needs || workspace.may(screen.needs));
  return allowed ? html`<${Loaded} key=${screen.name} route=${route} />` : html`<${Absent} />`;
}

function Loaded({ route }) {
  const { workspace, language } = useDesk();
  const screens = useObservable(workspace.screens);
  const { state, module } = screens.get(route.screen);
  const t = useMemo(() => module && translator(language, withShared(module.words)), [module, language]);
  if (state === 'ready') return html`<${WordsContext.Provider} value=${t}><${module.View} route=${route} /><//>`;
  return html`<${Waiting} failed=${state === 'failed'} onRetry=${() => screens.retry()} />`;
}

function Waiting({ failed, onRetry }) {
  const { t } = useDesk();
  if (!failed) return html`<main class="page" aria-busy="true"></main>`;
  return html`
    <main class="page"><div class="empty" role="alert" data-testid="screen-failed"><span class="empty-icon"><${Icon} name="alert" size=${28} /></span>
      <p><strong>${t('screen_failed')}</strong></p><p class="muted">${t('screen_failed_hint')}</p>
      <button class="button" onClick=${onRetry}>${t('retry')}</button></div></main>`;
}

/** No screen has this address, or this agent may not see it: both look the same. */
function Absent() {
  const { workspace, t } = useDesk();
  return html`
    <main class="page"><div class="empty" data-testid="no-screen"><span class="empty-icon"><${Icon} name="search" size=${28} /></span>
      <p><strong>${t('screen_absent')}</strong></p><p class="muted">${t('screen_absent_hint')}</p>
      <button class="button" onClick=${() => workspace.router.go('')}>${t('to_conversations')}</button></div></main>`;
}

const withShared = (words) =>
  Object.fromEntries(Object.entries(WORDS).map(([language, shared]) => [language, { ...shared, ...words?.[language] }]));
