// The audit trail: who changed what, the newest first, and whether the trail itself still is what was written.

import { html, useMemo } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { Page } from '../../kit/page.js';
import { Empty, Loaded } from '../../kit/states.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { Chain } from './chain.js';
import { Entries } from './entries.js';
import { Filters, asked } from './filters.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [...KIT_STYLES, new URL('./styles.css', import.meta.url)];

export function View({ route }) {
  const { workspace, t } = useDesk();
  const agents = useListing(workspace.store('agents', () => new Listing(() => workspace.api.get('agents'))));
  const key = JSON.stringify(route.query);
  const entries = useMemo(
    () => new Listing((cursor) => workspace.api.get('audit', { ...asked(route.query), cursor, limit: 50 })),
    [workspace, key],
  );
  useListing(entries);
  const filtered = Object.keys(asked(route.query)).length > 0;
  return html`
    <${Page} title=${t('audit')} hint=${t('audit_hint')} data-testid="audit">
      <${Chain} />
      <${Filters} query=${route.query} agents=${agents} />
      <${Loaded} listing=${entries}>${(items) => (items.length
        ? html`<${Entries} listing=${entries} agents=${agents} />`
        : html`<${Empty} icon="scroll" title=${t(filtered ? 'no_entry_fits' : 'no_entries')} hint=${t(filtered ? 'no_entry_fits_hint' : 'no_entries_hint')} />`)}<//>
    <//>`;
}
