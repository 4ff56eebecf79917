// One skill: a new one, or its name.

import { html } from '../../shared/ui.js';
import { Deletion } from '../../kit/deletion.js';
import { TextField } from '../../kit/fields.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { Loaded, Missing } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';

export function SkillPage({ id, skills }) {
  const { t } = useDesk();
  const known = skills.items?.find((skill) => skill.id === id);
  return html`
    <${Page} title=${id ? (known?.name ?? '…') : t('new_skill')} up="skills" data-testid="skill">
      <${Loaded} listing=${skills}>${(items) => {
        const skill = items.find((one) => one.id === id);
        return id && !skill ? html`<${Missing} />` : html`<${Fields} skill=${skill} skills=${skills} />`;
      }}<//>
    <//>`;
}

function Fields({ skill, skills }) {
  const { workspace, t } = useDesk();
  const form = useForm({
    initial: { name: skill?.name ?? '' },
    fields: { name: [] },
    check: ({ name }) => (name.trim() ? {} : { name: t('required') }),
    save: async ({ name }, leave) => {
      const after = skill ? await workspace.api.patch(`skills/${skill.id}`, { name }) : await workspace.api.post('skills', { name });
      skills.take(after);
      if (skill) return { name: after.name };
      leave();
      workspace.router.go('skills');
      return null;
    },
  });
  return html`
    <section class="card">
      <${Form} form=${form} data-testid="skill-form">
        <${TextField} form=${form} name="name" label=${t('name')} hint=${t('name_hint')} maxlength="100" autocomplete="off" />
        <${SaveBar} form=${form} label=${skill ? null : t('make_skill')}>
          ${skill && html`<${Deletion} label=${t('delete_skill')} title=${t('delete_title', { name: skill.name })} hint=${t('delete_hint')} path=${`skills/${skill.id}`} up="skills" done=${() => skills.drop(skill.id)} />`}<//>
      <//>
    </section>`;
}
