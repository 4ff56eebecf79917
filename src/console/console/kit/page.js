// The frame of an administration page: navigation at the side, a head with what can be done, and one column of content.

import { html, useObservable } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { fragmentOf } from '../router.js';
import { GROUPS, linked } from '../screens/table.js';
import { ConnectionBanner } from '../shell/connection_state.js';
import { useDesk } from '../shell/context.js';

/** `up` is the path that the arrow leads to; without it, the arrow stands on a phone only and leads to "Manage". */
export function Page({ title, hint = null, up = null, actions = null, wide = false, children, ...rest }) {
  const { t } = useDesk();
  return html`
    <div class="page manage">
      <${Navigation} />
      <main class="admin" aria-label=${title} ...${rest}>
        <header class="admin-head">
          <a class=${up === null ? 'icon-button only-phone' : 'icon-button'} href=${fragmentOf(up ?? 'manage')} aria-label=${t('up')} data-testid="up"><${Icon} name="back" /></a>
          <h1><bdi>${title}</bdi></h1>
          <div class="admin-actions">${actions}</div>
        </header>
        <${ConnectionBanner} />
        <div class="admin-scroll"><div class=${wide ? 'admin-body wide' : 'admin-body'}>
          ${hint && html`<p class="muted admin-hint">${hint}</p>`}
          ${children}
        </div></div>
      </main>
    </div>`;
}

/** The screens that this agent may open, by group. */
export function Navigation({ cards = false }) {
  const { workspace, t, language } = useDesk();
  const { screen: shown } = useObservable(workspace.router).route;
  const may = (permission) => workspace.may(permission);
  // On a phone the rail has no room for these.
  const groups = [...GROUPS.map((group) => [group, linked(may, group)]), ['rail', cards ? linked(may, 'rail') : []]];
  return html`
    <nav class=${cards ? 'manage-cards' : 'manage-nav'} aria-label=${t('manage')}>
      ${groups.filter(([, screens]) => screens.length).map(([group, screens]) => html`
        <section key=${group} class=${group === 'rail' ? 'only-phone-block' : null}>
          ${group !== 'rail' && html`<h2>${t(`group_${group}`)}</h2>`}
          <ul>${screens.map((screen) => html`
            <li key=${screen.name}><a href=${fragmentOf(screen.routes[0])} aria-current=${shown?.name === screen.name ? 'page' : null} data-testid=${cards ? `card-${screen.name}` : `to-${screen.name}`}>
              <${Icon} name=${screen.icon} size=${20} /><span>${screen.title[language] ?? screen.title.en}</span></a></li>`)}</ul>
        </section>`)}
    </nav>`;
}
