// One role: a new one, one to change, or a built-in one to look at.

import { html, useState } from '../../shared/ui.js';
import { Check, TextField } from '../../kit/fields.js';
import { Confirm } from '../../kit/dialog.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { problemWords } from '../../kit/problem.js';
import { Loaded, Missing } from '../../kit/states.js';
import { fragmentOf } from '../../router.js';
import { roleName } from '../../role_name.js';
import { useDesk } from '../../shell/context.js';
import { CHOICES, PERMISSIONS, choiceOf, scopesOf, withChoice } from './permissions.js';

const READ = { permission: 'read', scope: 'tenant' };

export function RolePage({ id, roles, agents }) {
  const { t } = useDesk();
  const known = roles.items?.find((role) => role.id === id);
  return html`
    <${Page} title=${id ? (known ? roleName(known, t) : '…') : t('new_role')} up="roles" data-testid="role">
      <${Loaded} listing=${roles}>${(items) => {
        const role = items.find((one) => one.id === id);
        return id && !role ? html`<${Missing} />` : html`
          <${Fields} role=${role} roles=${roles} />
          ${role && html`<${Holders} role=${role} agents=${agents} />`}`;
      }}<//>
    <//>`;
}

function Fields({ role, roles }) {
  const { workspace, t } = useDesk();
  const [asking, setAsking] = useState(false);
  const form = useForm({
    initial: valuesOf(role ?? { name: '', grants: [READ], version: 0 }),
    fields: { name: [] },
    check: ({ name }) => (name.trim() ? {} : { name: t('required') }),
    save: async ({ version, ...values }, leave) => {
      if (role) {
        const after = await workspace.api.patch(`roles/${role.id}`, { ...values, expected_version: version });
        roles.take(after);
        return valuesOf(after);
      }
      const made = await workspace.api.post('roles', values);
      roles.take(made);
      leave();
      workspace.router.go('roles');
      return null;
    },
    reload: async () => {
      await roles.load();
      return valuesOf(roles.items.find((one) => one.id === role.id));
    },
  });
  if (role?.built_in) return html`
    <section class="card"><p class="muted">${t('built_in_hint')}</p><div><${Grants} grants=${role.grants} /></div></section>`;
  return html`
    <section class="card">
      <${Form} form=${form} data-testid="role-form">
        <${TextField} form=${form} name="name" label=${t('name')} maxlength="64" autocomplete="off" />
        <fieldset class="grants"><legend>${t('allows')}</legend>
          <${Grants} grants=${form.values.grants} mine=${workspace.agent.grants} onChange=${(grants) => form.set('grants', grants)} /></fieldset>
        <${SaveBar} form=${form} label=${role ? null : t('make_role')}>
          ${role && html`<button type="button" class="button quiet-danger" onClick=${() => setAsking(true)} data-testid="delete">${t('delete_role')}</button>`}<//>
      <//>
    </section>
    ${asking && html`<${Deletion} role=${role} roles=${roles} onCancel=${() => setAsking(false)} />`}`;
}

/** Without `onChange` they are shown only. What this agent may not do itself it cannot grant. */
function Grants({ grants, mine = null, onChange = null }) {
  const { t } = useDesk();
  return PERMISSIONS.map(({ name, part }) => {
    const choice = choiceOf(grants, name);
    const own = scopesOf(mine ?? [], name);
    const mayGrant = onChange && (choice || own.length > 0);
    const within = (one) => own.includes('tenant') || one.split('_').every((scope) => own.includes(scope));
    return html`
      <div class="grant" key=${name}>
        <${Check} id=${name} label=${t(`may_${name}`)} hint=${onChange && !mayGrant ? t('not_yours_to_grant') : t(`may_${name}_hint`)} checked=${Boolean(choice)}
          disabled=${!mayGrant || name === 'read'} onChange=${(on) => onChange(withChoice(grants, name, on ? CHOICES.findLast(within) : null))} />
        ${part && choice && html`
          <select aria-label=${t('how_far', { what: t(`may_${name}`) })} value=${choice} disabled=${!onChange} data-testid=${`scope-${name}`}
            onChange=${(event) => onChange(withChoice(grants, name, event.currentTarget.value))}>
            ${CHOICES.map((one) => html`<option key=${one} value=${one} disabled=${onChange && one !== choice && !within(one)}>${t(`scope_${one}`)}</option>`)}
          </select>`}
      </div>`;
  });
}

function Holders({ role, agents }) {
  const { t } = useDesk();
  const holders = agents.items?.filter((agent) => agent.role === role.id) ?? [];
  return html`
    <section class="card"><h2>${t('who_has_it')}</h2>
      ${holders.length
        ? html`<ul class="holder-list">${holders.map((agent) => html`<li key=${agent.id}><a class="link" href=${fragmentOf(`agents/${agent.id}`)}><bdi>${agent.name}</bdi></a></li>`)}</ul>`
        : html`<p class="muted">${t('holders', { n: 0 })}</p>`}
      <p class="muted">${t('who_has_it_hint')}</p></section>`;
}

function Deletion({ role, roles, onCancel }) {
  const { workspace, t } = useDesk();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const remove = async () => {
    setBusy(true);
    try {
      await workspace.api.remove(`roles/${role.id}`, { expected_version: role.version });
      roles.drop(role.id);
      workspace.router.go('roles');
    } catch (refused) {
      setProblem(problemWords(refused, t));
      setBusy(false);
    }
  };
  return html`<${Confirm} title=${t('delete_title', { name: role.name })} hint=${t('delete_hint')} action=${t('delete_role')} busy=${busy} problem=${problem}
    onConfirm=${remove} onCancel=${onCancel} />`;
}

const valuesOf = ({ name, grants, version }) => ({ name, grants, version });
