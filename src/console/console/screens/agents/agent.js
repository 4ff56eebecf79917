// One agent: a new one, or what can be changed of one.

import { html } from '../../shared/ui.js';
import { CheckField, SelectField, TextField } from '../../kit/fields.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { Loaded, Missing } from '../../kit/states.js';
import { roleName } from '../../role_name.js';
import { useDesk } from '../../shell/context.js';

const LEAST_PASSWORD = 10;

export function AgentForm({ id, agents, roles }) {
  const { t } = useDesk();
  const title = id ? (agents.items?.find((agent) => agent.id === id)?.name ?? '…') : t('new_agent');
  return html`
    <${Page} title=${title} up="agents" data-testid="agent">
      <${Loaded} listing=${agents}>${(items) => html`<${Loaded} listing=${roles}>${(known) => {
        const agent = items.find((one) => one.id === id);
        return id && !agent ? html`<${Missing} />` : html`<${Fields} agent=${agent} agents=${agents} roles=${known} />`;
      }}<//>`}<//>
    <//>`;
}

function Fields({ agent, agents, roles }) {
  const { workspace, t } = useDesk();
  const myself = agent?.id === workspace.agent.id;
  const form = useForm({
    initial: agent ? valuesOf(agent) : { name: '', email: '', role: 'agent', password: '' },
    fields: { name: [], email: ['e-mail'], password: [], role: [] },
    check: (values) => checked(values, agent, t),
    save: async (values, leave) => {
      if (!agent) {
        agents.take(await workspace.api.post('agents', values));
        leave();
        workspace.router.go('agents');
        return null;
      }
      const after = await workspace.api.patch(`agents/${agent.id}`, changeOf(values, agent));
      agents.take(after);
      return valuesOf(after);
    },
    reload: async () => {
      await agents.load();
      return valuesOf(agents.items.find((one) => one.id === agent.id));
    },
  });
  // Only an owner makes or changes owners; the server says so too.
  const owners = workspace.agent.role === 'owner';
  const locked = agent?.role === 'owner' && !owners;
  const options = roles.filter((role) => role.id !== 'owner' || owners || locked).map((role) => [role.id, roleName(role, t)]);
  return html`
    <section class="card">
      <${Form} form=${form} data-testid="agent-form">
        <${TextField} form=${form} name="name" label=${t('name')} hint=${t('name_hint')} maxlength="100" autocomplete="off" />
        ${!agent && html`<${TextField} form=${form} name="email" label=${t('email')} type="email" autocomplete="off" />`}
        <${SelectField} form=${form} name="role" label=${t('role')} options=${options} disabled=${myself || locked} hint=${myself ? t('not_own_role') : null} />
        <${TextField} form=${form} name="password" label=${t(agent ? 'new_password' : 'password')} type="password" autocomplete="new-password"
          hint=${t(agent ? 'new_password_hint' : 'password_hint', { n: LEAST_PASSWORD })} />
        ${agent && html`<${CheckField} form=${form} name="active" label=${t('active')} hint=${t('active_hint')} disabled=${myself || locked} />`}
        <${SaveBar} form=${form} label=${agent ? null : t('make_agent')} />
      <//>
    </section>`;
}

const valuesOf = ({ name, role, active }) => ({ name, role, active, password: '' });

/** What differs; nothing else is sent, so that a change of another person in another field stays. */
function changeOf(values, agent) {
  const change = {};
  for (const field of ['name', 'role', 'active']) if (values[field] !== agent[field]) change[field] = values[field];
  if (values.password) change.password = values.password;
  return change;
}

function checked({ name, email, password }, agent, t) {
  const errors = {};
  if (!name.trim()) errors.name = t('required');
  if (!agent && !/^\S+@\S+$/.test(email)) errors.email = t('email_needed');
  if ((!agent || password) && [...password].length < LEAST_PASSWORD) errors.password = t('password_short', { n: LEAST_PASSWORD });
  return errors;
}
