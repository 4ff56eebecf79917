// All calendars, with the time zone of each.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Page } from '../../kit/page.js';
import { Empty, Loaded } from '../../kit/states.js';
import { Thing, Things } from '../../kit/things.js';
import { fragmentOf } from '../../router.js';
import { useDesk } from '../../shell/context.js';

export function CalendarList({ calendars }) {
  const { t } = useDesk();
  const make = html`<a class="button primary" href=${fragmentOf('calendars/new')} data-testid="new"><${Icon} name="plus" size=${18} />${t('new_calendar')}</a>`;
  return html`
    <${Page} title=${t('calendars')} hint=${t('calendars_hint')} actions=${make} data-testid="calendars">
      <${Loaded} listing=${calendars}>${(items) => (items.length ? html`
        <${Things}>${items.map((calendar) => html`
          <${Thing} key=${calendar.id} path=${`calendars/${calendar.id}`} icon=${html`<${Icon} name="calendar" />`} name=${calendar.name}
            about=${`${calendar.time_zone} · ${t('days_count', { n: calendar.special_days.length })}`} />`)}
        <//>` : html`<${Empty} icon="calendar" title=${t('no_calendars')} hint=${t('no_calendars_hint')} />`)}<//>
    <//>`;
}
