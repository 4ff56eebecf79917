// The lists that an agent works from, the screens beside them, and the agent's own menu. At the bottom of the window on
// a phone.

import { html, classes, useObservable } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { fragmentOf } from '../router.js';
import { GROUPS, linked } from '../screens/table.js';
import { Account } from './account.js';
import { useDesk } from './context.js';

const TABS = { mine: 'person', unassigned: 'queue', open: 'all', waiting: 'clock', resolved: 'done' };

export function Rail({ onHelp }) {
  const { workspace, t, language } = useDesk();
  const { screen } = useObservable(workspace.router).route;
  const may = (permission) => workspace.may(permission);
  const manages = GROUPS.some((group) => linked(may, group).length > 0);
  const link = ({ name, routes, title, icon }, current, narrow) => html`
    <a key=${name} class=${classes('rail-tab', narrow && 'not-phone')} href=${fragmentOf(routes[0])} aria-current=${current ? 'page' : null} data-testid=${`to-${name}`}>
      <span class="rail-icon"><${Icon} name=${icon} size=${22} /></span><span class="rail-name">${title[language] ?? title.en}</span></a>`;
  return html`
    <nav class="rail" aria-label=${t('lists')}>
      <div class="rail-tabs">
        <${Tabs} shown=${screen?.name === 'conversations'} />
        ${linked(may, 'rail').map((one) => link(one, screen?.name === one.name, manages))}
        ${manages && link(MANAGE, screen?.name === 'manage' || GROUPS.includes(screen?.group))}
      </div>
      <${Account} onHelp=${onHelp} />
    </nav>`;
}

const MANAGE = { name: 'manage', routes: ['manage'], icon: 'manage', title: { en: 'Manage', 'zh-CN': '管理' } };

function Tabs({ shown }) {
  const { workspace, t } = useDesk();
  const conversations = useObservable(workspace.conversations);
  const { rows } = conversations;
  return Object.entries(TABS).map(([tab, icon]) => {
    const counted = tab !== 'resolved' && rows.stateOf(tab) !== 'idle';
    const count = counted ? rows.of(tab).length : 0;
    return html`
      <button key=${tab} class="rail-tab" aria-pressed=${shown && conversations.tab === tab} data-testid=${`tab-${tab}`}
        onClick=${() => conversations.selectTab(tab)}>
        <span class="rail-icon"><${Icon} name=${icon} size=${22} />
          ${count > 0 && html`<span class="count">${count > 99 ? '99+' : count}${count < 100 && rows.mayHoldMore(tab) ? '+' : ''}</span>`}
        </span>
        <span class="rail-name">${t(`tab_${tab}`)}</span>
      </button>`;
  });
}
