// Who holds the conversation, and handing it over.

import { html, useObservable } from '../../shared/ui.js';
import { useConversations } from './context.js';

const UNASSIGNED = '';

export function Assignee({ conversation }) {
  const { workspace, conversations, t } = useConversations();
  const directory = useObservable(workspace.directory);
  const holder = conversations.standing(conversation.id)?.assignment ?? null;
  const me = workspace.agent.id;
  const mine = holder?.agent === me;
  // An agent who may not assign others can take what is unassigned and give away their own.
  const may = conversations.leads || mine || !holder;
  const canReach = (agent) => agent.id === holder?.agent || conversations.leads || mine || agent.id === me;
  const agents = directory.agents.filter(canReach);
  const known = !holder || agents.some((agent) => agent.id === holder.agent);

  const choose = (event) => {
    const agent = event.currentTarget.value;
    event.currentTarget.value = holder?.agent ?? UNASSIGNED;
    if (agent === (holder?.agent ?? UNASSIGNED)) return;
    if (agent === UNASSIGNED) conversations.act('unassign');
    else if (agent === me && !holder) conversations.act('claim');
    else if (mine) conversations.act('transfer', { agent });
    else conversations.act('assign', { agent });
  };
  const busy = conversations.busy(conversation.id, 'claim', 'assign', 'transfer', 'unassign');
  return html`
    <label class="field">${t('assignee')}
      <select data-testid="assignee" value=${holder?.agent ?? UNASSIGNED} onChange=${choose} disabled=${!may || busy}>
        <option value=${UNASSIGNED}>${holder ? t('to_queue') : t('unassigned')}</option>
        ${!known && html`<option value=${holder.agent}>${holder.name}</option>`}
        ${agents.map((agent) => html`<option key=${agent.id} value=${agent.id}>${label(agent)}</option>`)}
      </select>
    </label>`;

  function label(agent) {
    const presence = directory.presenceOf({ kind: 'agent', id: agent.id });
    const name = agent.id === me ? `${agent.name} (${t('you')})` : agent.name;
    return presence === 'unknown' || agent.id === me ? name : `${name} · ${t(`presence_${presence}`)}`;
  }
}
