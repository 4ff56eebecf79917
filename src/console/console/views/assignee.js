// Who holds the conversation, and handing it over.

import { html, useObservable } from '../shared/ui.js';
import { useDesk } from './context.js';

const NOBODY = '';

export function Assignee({ conversation }) {
  const { workspace, t } = useDesk();
  const directory = useObservable(workspace.directory);
  const holder = workspace.standing(conversation.id)?.assignment ?? null;
  const me = workspace.agent.id;
  const mine = holder?.agent === me;
  // Without the lead, only what nobody holds can be taken, and only what is one's own can be given away.
  const may = workspace.leads || mine || !holder;
  const canReach = (agent) => agent.id === holder?.agent || workspace.leads || mine || agent.id === me;
  const agents = directory.agents.filter(canReach);
  const known = !holder || agents.some((agent) => agent.id === holder.agent);

  const choose = (event) => {
    const agent = event.currentTarget.value;
    event.currentTarget.value = holder?.agent ?? NOBODY;
    if (agent === (holder?.agent ?? NOBODY)) return;
    if (agent === NOBODY) workspace.act('unassign');
    else if (agent === me && !holder) workspace.act('claim');
    else if (mine) workspace.act('transfer', { agent });
    else workspace.act('assign', { agent });
  };
  const busy = workspace.busy(conversation.id, 'claim', 'assign', 'transfer', 'unassign');
  return html`
    <label class="field">${t('assignee')}
      <select data-testid="assignee" value=${holder?.agent ?? NOBODY} onChange=${choose} disabled=${!may || busy}>
        <option value=${NOBODY}>${holder ? t('to_queue') : t('unassigned')}</option>
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
