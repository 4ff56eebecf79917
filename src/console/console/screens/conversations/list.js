// The middle pane: the conversations under the chosen tab.

import { html, useEffect, useObservable, useRef, useTicking } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { useConversations } from './context.js';
import { Row } from './row.js';
import { ConnectionBanner, ConnectionState } from '../../shell/connection_state.js';

export function List() {
  const { conversations, t } = useConversations();
  // Times like "14:03" become dates after midnight.
  useTicking(60_000);
  const title = t(`tab_${conversations.tab}`);
  return html`
    <section class="list" aria-label=${t('list_of', { tab: title })}>
      <header class="list-head">
        <h1>${title}</h1><${ConnectionState} />
      </header>
      <${ConnectionBanner} />
      <label class="search"><${Icon} name="search" size=${18} />
        <input id="search" data-testid="search" type="search" maxlength="100" placeholder=${t('search')} aria-label=${t('search')} value=${conversations.search.text}
          onInput=${(event) => conversations.search.find(event.currentTarget.value)} />
      </label>
      <${Rows} />
    </section>`;
}

function Rows() {
  const { conversations, t } = useConversations();
  const { rows, tab, search } = conversations;
  const shown = conversations.shownRows();
  const state = rows.stateOf(tab);
  if (!shown.length) {
    if (search.isOn && state === 'loaded') return html`<div class="empty" role="status" data-testid="looked-at"><${LookedAt} none /></div>`;
    if (state === 'failed') return html`
      <div class="empty"><p>${t('list_failed')}</p>
        <button class="button" onClick=${() => rows.load(tab)}>${t('retry')}</button></div>`;
    if (state !== 'loaded') return html`<${Skeleton} />`;
    return html`
      <div class="empty"><span class="empty-icon"><${Icon} name="chat" size=${28} /></span>
        <p><strong>${t(`empty_${tab}`)}</strong></p><p class="muted">${t(`empty_${tab}_hint`)}</p></div>`;
  }
  return html`
    <ul class="rows">
      ${shown.map((row) => html`<li key=${row.conversation}><${Row} row=${row} /></li>`)}
      ${search.isOn
        ? html`<li class="looked-at muted" role="status" data-testid="looked-at"><${LookedAt} /></li>`
        : rows.hasMore(tab) && html`<${More} key=${tab} />`}
    </ul>`;
}

/** What a search looked at, and how to look further. */
function LookedAt({ none = false }) {
  const { conversations, t } = useConversations();
  const { rows, search, tab } = conversations;
  if (search.state === 'asking') return html`<p>${t('searching')}</p>`;
  if (search.state === 'failed') return html`
    <p>${t('search_failed')}</p><button class="button" onClick=${() => search.again()}>${t('retry')}</button>`;
  if (search.state === 'asked') return html`
    ${none && html`<p>${t('no_match', { text: search.text.trim() })}</p>`}
    ${search.hasMore && html`<p>${t('search_has_more')}</p>`}`;
  if (!rows.hasMore(tab)) return none ? html`<p>${t('no_match', { text: search.text.trim() })}</p>` : null;
  return html`
    <p>${t('search_loaded_only', { count: rows.of(tab).length })}</p>
    <button class="button" onClick=${() => rows.loadMore(tab)}>${t('load_more')}</button>`;
}

/** Loads the next page when it comes into sight; a button for those who do not scroll. */
function More() {
  const { conversations, t } = useConversations();
  const mark = useRef(null);
  useObservable(conversations.rows);
  const load = () => conversations.rows.loadMore(conversations.tab);
  useEffect(() => {
    const watcher = new IntersectionObserver(([entry]) => entry.isIntersecting && load());
    watcher.observe(mark.current);
    return () => watcher.disconnect();
  }, [conversations.rows.version]);
  return html`<li ref=${mark}><button class="link more" onClick=${load}>${t('load_more')}</button></li>`;
}

const Skeleton = () => html`
  <ul class="rows" aria-hidden="true">
    ${[0, 1, 2, 3, 4].map((line) => html`
      <li key=${line} class="row skeleton"><span class="avatar"></span><span class="row-body"><i></i><i></i></span></li>`)}
  </ul>`;
