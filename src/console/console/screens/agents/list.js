// All agents, those who may sign in first.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Page } from '../../kit/page.js';
import { Loaded } from '../../kit/states.js';
import { Thing, Things } from '../../kit/things.js';
import { fragmentOf } from '../../router.js';
import { roleName } from '../../role_name.js';
import { Avatar } from '../../shell/avatar.js';
import { useDesk } from '../../shell/context.js';

export function AgentList({ agents, roles }) {
  const { t } = useDesk();
  const nameOf = (id) => {
    const role = roles.items?.find((one) => one.id === id);
    return role ? roleName(role, t) : roles.items ? t('role_unknown') : '…';
  };
  const make = html`<a class="button primary" href=${fragmentOf('agents/new')} data-testid="new"><${Icon} name="plus" size=${18} />${t('new_agent')}</a>`;
  return html`
    <${Page} title=${t('agents')} hint=${t('agents_hint')} actions=${make} data-testid="agents">
      <${Loaded} listing=${agents}>${(items) => html`
        <${Things}>${[...items].sort((a, b) => Number(b.active) - Number(a.active)).map((agent) => html`
          <${Thing} key=${agent.id} path=${`agents/${agent.id}`} name=${agent.name} about=${agent.email}
            icon=${html`<${Avatar} name=${agent.name} id=${agent.id} presence=${agent.active && agent.presence !== 'unknown' ? agent.presence : null} />`}
            side=${html`${!agent.active && html`<span class="chip bad">${t('inactive')}</span>`}<span class="chip"><bdi>${nameOf(agent.role)}</bdi></span>`} />`)}
        <//>`}<//>
    <//>`;
}
