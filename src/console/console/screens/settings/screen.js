// Settings: what holds for the whole tenant, and what an inbox or a team sets for itself. Every change is a version
// that can be gone back to.

import { html, useMemo } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { History } from './history.js';
import { SettingsPage } from './page.js';
import { useSettings } from './store.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [...KIT_STYLES, new URL('./styles.css', import.meta.url)];

export function View({ route }) {
  const { workspace } = useDesk();
  const { kind, id } = route.params;
  const scope = useMemo(() => (id ? { path: `settings/${kind}/${id}`, kind, id } : { path: 'settings/tenant', kind: 'tenant', id: null }), [kind, id]);
  const settings = useSettings(scope);
  const inboxes = useListing(workspace.store('inboxes', () => new Listing(() => workspace.api.get('inboxes'))));
  const teams = useListing(workspace.store('teams', () => new Listing(() => workspace.api.get('teams'))));
  const places = [...placesOf('inbox', inboxes), ...placesOf('team', teams)];
  // Inboxes and teams may have been created elsewhere since the screen was opened.
  const reloadPlaces = () => [inboxes, teams].forEach((listing) => listing.load());
  const key = scope.path;
  return route.path.endsWith('/history')
    ? html`<${History} key=${key} scope=${scope} settings=${settings} places=${places} />`
    : html`<${SettingsPage} key=${key} scope=${scope} settings=${settings} places=${places} onChoose=${reloadPlaces} />`;
}

/** Inboxes or teams as what can have settings of its own. */
const placesOf = (kind, { items }) => (items ?? []).map(({ id, name }) => ({ kind, id, name }));
