// All teams, with how many agents each has.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Page } from '../../kit/page.js';
import { Empty, Loaded } from '../../kit/states.js';
import { Thing, Things } from '../../kit/things.js';
import { fragmentOf } from '../../router.js';
import { useDesk } from '../../shell/context.js';

export function TeamList({ teams }) {
  const { t } = useDesk();
  const make = html`<a class="button primary" href=${fragmentOf('teams/new')} data-testid="new"><${Icon} name="plus" size=${18} />${t('new_team')}</a>`;
  return html`
    <${Page} title=${t('teams')} hint=${t('teams_hint')} actions=${make} data-testid="teams">
      <${Loaded} listing=${teams}>${(items) => (items.length ? html`
        <${Things}>${items.map((team) => html`
          <${Thing} key=${team.id} path=${`teams/${team.id}`} icon=${html`<${Icon} name="people" />`} name=${team.name} about=${t('members_count', { n: team.members.length })}
            side=${!team.active && html`<span class="chip bad">${t('inactive')}</span>`} />`)}
        <//>` : html`<${Empty} icon="people" title=${t('no_teams')} hint=${t('no_teams_hint')} />`)}<//>
    <//>`;
}
