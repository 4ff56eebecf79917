// Calendars: when a tenant works, by the week and on the days that differ.

import { html } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { CalendarPage } from './calendar.js';
import { CalendarList } from './list.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [...KIT_STYLES, new URL('./styles.css', import.meta.url)];

export function View({ route }) {
  const { workspace } = useDesk();
  const calendars = useListing(workspace.store('calendars', () => new Listing(() => workspace.api.get('calendars'))));
  const { calendar } = route.params;
  return calendar
    ? html`<${CalendarPage} key=${calendar} id=${calendar === 'new' ? null : calendar} calendars=${calendars} />`
    : html`<${CalendarList} calendars=${calendars} />`;
}
