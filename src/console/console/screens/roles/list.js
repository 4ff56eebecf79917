// All roles, and how many agents have each.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Page } from '../../kit/page.js';
import { Loaded } from '../../kit/states.js';
import { Thing, Things } from '../../kit/things.js';
import { fragmentOf } from '../../router.js';
import { roleName } from '../../role_name.js';
import { useDesk } from '../../shell/context.js';

export function RoleList({ roles, agents }) {
  const { t } = useDesk();
  const make = html`<a class="button primary" href=${fragmentOf('roles/new')} data-testid="new"><${Icon} name="plus" size=${18} />${t('new_role')}</a>`;
  const holders = (id) => agents.items?.filter((agent) => agent.role === id).length;
  return html`
    <${Page} title=${t('roles')} hint=${t('roles_hint')} actions=${make} data-testid="roles">
      <${Loaded} listing=${roles}>${(items) => html`
        <${Things}>${items.map((role) => html`
          <${Thing} key=${role.id} path=${`roles/${role.id}`} icon=${html`<${Icon} name="key" />`} name=${roleName(role, t)}
            about=${[...new Set(role.grants.map((grant) => grant.permission))].map((one) => t(`short_${one}`)).join(' · ')}
            side=${html`${role.built_in && html`<span class="chip">${t('built_in')}</span>`}
              ${holders(role.id) !== undefined && html`<span class="muted holders">${t('holders', { n: holders(role.id) })}</span>`}`} />`)}
        <//>`}<//>
    <//>`;
}
