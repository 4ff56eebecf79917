// A list of things, each with a name, a line about it, and a place of its own.

import { html } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { fragmentOf } from '../router.js';
import { useConsole } from '../shell/context.js';

/** `listing` adds a button for its next page. */
export function Things({ listing, children }) {
  const { t } = useConsole();
  return html`
    <ul class="things" data-testid="things">${children}</ul>
    ${listing?.hasMore && html`<button class="link more" disabled=${listing.loadingMore} onClick=${() => listing.more()} data-testid="more">
      ${t(listing.loadingMore ? 'loading' : 'load_more')}</button>`}`;
}

export const Thing = ({ path, icon = null, name, about = null, side = null }) => html`
  <li><a class="thing" href=${fragmentOf(path)} data-testid="thing">
    ${icon}
    <span class="thing-words"><strong><bdi>${name}</bdi></strong>${about && html`<span class="muted">${about}</span>`}</span>
    <span class="thing-side">${side}<${Icon} name="next" size=${18} /></span></a></li>`;
