// Agents: the people who answer, what they may do, and whether they may sign in.

import { html } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { AgentForm } from './agent.js';
import { AgentList } from './list.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = KIT_STYLES;

export function View({ route }) {
  const { workspace } = useDesk();
  const agents = useListing(workspace.store('agents', () => new Listing(() => workspace.api.get('agents'))));
  const roles = useListing(workspace.store('roles', () => new Listing(() => workspace.api.get('roles'))));
  const { agent } = route.params;
  return agent
    ? html`<${AgentForm} key=${agent} id=${agent === 'new' ? null : agent} agents=${agents} roles=${roles} />`
    : html`<${AgentList} agents=${agents} roles=${roles} />`;
}
