// Roles: what agents may do. Four are built in; a tenant makes others.

import { html } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { RoleList } from './list.js';
import { RolePage } from './role.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [...KIT_STYLES, new URL('./styles.css', import.meta.url)];

export function View({ route }) {
  const { workspace } = useDesk();
  const roles = useListing(workspace.store('roles', () => new Listing(() => workspace.api.get('roles'))));
  const agents = useListing(workspace.store('agents', () => new Listing(() => workspace.api.get('agents'))));
  const { role } = route.params;
  return role
    ? html`<${RolePage} key=${role} id=${role === 'new' ? null : role} roles=${roles} agents=${agents} />`
    : html`<${RoleList} roles=${roles} agents=${agents} />`;
}
