// How well one agent is at each skill.

import { html } from '../../shared/ui.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Listing, useListing } from '../../kit/listing.js';
import { Loaded } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';

const LEVELS = [1, 2, 3, 4, 5];

export function Levels({ agent, skills }) {
  const { workspace } = useDesk();
  const held = useListing(workspace.store(`skills.${agent}`, () => new Listing(async () => ({ items: (await workspace.api.get(`agents/${agent}/skills`)).skills }))));
  return html`<${Loaded} listing=${held}>${(items) => html`<${Fields} agent=${agent} skills=${skills} held=${held} items=${items} />`}<//>`;
}

function Fields({ agent, skills, held, items }) {
  const { workspace, t } = useDesk();
  const form = useForm({
    initial: levelsOf(items),
    save: async (levels) => {
      const given = Object.entries(levels).filter(([skill, level]) => level && skills.some(({ id }) => id === skill));
      const after = await workspace.api.patch(`agents/${agent}/skills`, { skills: given.map(([skill, level]) => ({ skill, level })) });
      held.load();
      return levelsOf(after.skills);
    },
  });
  return html`
    <${Form} form=${form} data-testid="levels-form">
      <div>${skills.map(({ id, name }) => html`
        <label class="level" key=${id}><bdi>${name}</bdi>
          <select value=${form.values[id] ?? 0} data-testid=${`level-${name}`} onChange=${(event) => form.set(id, Number(event.currentTarget.value) || undefined)}>
            <option value="0">${t('level_none')}</option>
            ${LEVELS.map((level) => html`<option key=${level} value=${level}>${t(`level_${level}`)}</option>`)}
          </select></label>`)}</div>
      <${SaveBar} form=${form} />
    <//>`;
}

/** In the order of the skills' ids, so that what is the same looks the same. */
const levelsOf = (skills) => Object.fromEntries(skills.map(({ skill, level }) => [skill, level]).sort());
