// Teams: groups of agents, with an inbox that they write from and a calendar of their hours.

import { html } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { TeamList } from './list.js';
import { TeamPage } from './team.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [...KIT_STYLES, new URL('./styles.css', import.meta.url)];

export function View({ route }) {
  const { workspace } = useDesk();
  const listing = (name) => useListing(workspace.store(name, () => new Listing(() => workspace.api.get(name))));
  const [teams, agents, inboxes, calendars] = ['teams', 'agents', 'inboxes', 'calendars'].map(listing);
  const { team } = route.params;
  return team
    ? html`<${TeamPage} key=${team} id=${team === 'new' ? null : team} teams=${teams} agents=${agents} inboxes=${inboxes} calendars=${calendars} />`
    : html`<${TeamList} teams=${teams} />`;
}
