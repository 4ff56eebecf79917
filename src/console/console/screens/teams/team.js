// One team: a new one, or what can be changed of one.

import { html } from '../../shared/ui.js';
import { Check, CheckField, SelectField, TextField } from '../../kit/fields.js';
import { Deletion } from '../../kit/deletion.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { Loaded, Missing } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';

export function TeamPage({ id, teams, agents, inboxes, calendars }) {
  const { t } = useDesk();
  const known = teams.items?.find((team) => team.id === id);
  return html`
    <${Page} title=${id ? (known?.name ?? '…') : t('new_team')} up="teams" data-testid="team">
      <${Loaded} listing=${teams}>${(items) => html`<${Loaded} listing=${agents}>${(people) => {
        const team = items.find((one) => one.id === id);
        return id && !team ? html`<${Missing} />` : html`
          <${Fields} team=${team} teams=${teams} agents=${people} inboxes=${inboxes.items ?? []} calendars=${calendars.items ?? []} />`;
      }}<//>`}<//>
    <//>`;
}

function Fields({ team, teams, agents, inboxes, calendars }) {
  const { workspace, t } = useDesk();
  const form = useForm({
    initial: valuesOf(team ?? { name: '', members: [], inboxes: [], default_inbox: null, calendar: null, active: true, version: 0 }),
    fields: { name: [], members: ['member'], inboxes: [], default_inbox: ['inbox'], calendar: [] },
    check: ({ name }) => (name.trim() ? {} : { name: t('required') }),
    save: async ({ name, members, inboxes: theirs, default_inbox, calendar, active, version }, leave) => {
      const body = { name, members, inboxes: theirs, default_inbox: default_inbox || null, calendar: calendar || null };
      const after = team
        ? await workspace.api.patch(`teams/${team.id}`, { ...body, active, expected_version: version })
        : await workspace.api.post('teams', body);
      teams.take(after);
      if (team) return valuesOf(after);
      leave();
      workspace.router.go('teams');
      return null;
    },
    reload: async () => {
      await teams.load();
      return valuesOf(teams.items.find((one) => one.id === team.id));
    },
  });
  const { members } = form.values;
  const people = agents.filter((agent) => agent.active || members.includes(agent.id));
  const toggle = (agent, on) => form.set('members', on ? [...members, agent].sort() : members.filter((one) => one !== agent));
  const workIn = (inbox, on) => form.set('inboxes', on ? [...form.values.inboxes, inbox].sort() : form.values.inboxes.filter((one) => one !== inbox));
  const named = (things) => [['', t('none')], ...things.map(({ id, name }) => [id, name])];
  return html`
    <section class="card">
      <${Form} form=${form} data-testid="team-form">
        <${TextField} form=${form} name="name" label=${t('name')} maxlength="100" autocomplete="off" />
        <fieldset class="members"><legend>${t('members')}</legend>
          ${people.map((agent) => html`<${Check} key=${agent.id} id=${`member-${agent.name}`} label=${html`<bdi>${agent.name}</bdi>`} checked=${members.includes(agent.id)}
            hint=${agent.active ? null : t('member_inactive')} onChange=${(on) => toggle(agent.id, on)} />`)}
          ${form.errors.members && html`<span class="field-error" role="alert">${form.errors.members}</span>`}</fieldset>
        <fieldset class="members"><legend>${t('inboxes_of')}</legend><span class="field-hint muted">${t('inboxes_of_hint')}</span>
          ${inboxes.map((inbox) => html`<${Check} key=${inbox.id} id=${`inbox-${inbox.name}`} label=${html`<bdi>${inbox.name}</bdi>`}
            checked=${form.values.inboxes.includes(inbox.id)} onChange=${(on) => workIn(inbox.id, on)} />`)}</fieldset>
        <${SelectField} form=${form} name="default_inbox" label=${t('default_inbox')} hint=${t('default_inbox_hint')} options=${named(inboxes)} />
        <${SelectField} form=${form} name="calendar" label=${t('calendar')} hint=${t('calendar_hint')} options=${named(calendars)} />
        ${team && html`<${CheckField} form=${form} name="active" label=${t('active')} hint=${t('active_hint')} />`}
        <${SaveBar} form=${form} label=${team ? null : t('make_team')}>
          ${team && html`<${Deletion} label=${t('delete_team')} title=${t('delete_title', { name: team.name })} hint=${t('delete_hint')} path=${`teams/${team.id}`} up="teams" done=${() => teams.drop(team.id)} />`}<//>
      <//>
    </section>`;
}

const valuesOf = ({ name, members, inboxes, default_inbox, calendar, active, version }) =>
  ({ name, members: [...members].sort(), inboxes: [...inboxes].sort(), default_inbox: default_inbox ?? '', calendar: calendar ?? '', active, version });
