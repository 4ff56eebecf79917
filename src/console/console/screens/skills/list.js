// All skills, and below them the levels of one agent.

import { html, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Page } from '../../kit/page.js';
import { Empty, Loaded } from '../../kit/states.js';
import { Thing, Things } from '../../kit/things.js';
import { fragmentOf } from '../../router.js';
import { useDesk } from '../../shell/context.js';
import { Levels } from './levels.js';

export function SkillList({ skills, agents }) {
  const { t } = useDesk();
  const [agent, setAgent] = useState('');
  const make = html`<a class="button primary" href=${fragmentOf('skills/new')} data-testid="new"><${Icon} name="plus" size=${18} />${t('new_skill')}</a>`;
  return html`
    <${Page} title=${t('skills')} hint=${t('skills_hint')} actions=${make} data-testid="skills">
      <${Loaded} listing=${skills}>${(items) => (items.length ? html`
        <${Things}>${items.map((skill) => html`
          <${Thing} key=${skill.id} path=${`skills/${skill.id}`} icon=${html`<${Icon} name="star" />`} name=${skill.name} />`)}<//>
        <section class="card"><h2>${t('who_can_what')}</h2>
          <label class="field">${t('agent')}
            <select value=${agent} onChange=${(event) => setAgent(event.currentTarget.value)} data-testid="skills-of">
              <option value="">${t('choose_agent')}</option>
              ${(agents.items ?? []).map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
            </select></label>
          ${agent && html`<${Levels} key=${agent} agent=${agent} skills=${items} />`}
        </section>` : html`<${Empty} icon="star" title=${t('no_skills')} hint=${t('no_skills_hint')} />`)}<//>
    <//>`;
}
