// Inboxes: where contacts write to.

import { html } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { InboxPage } from './inbox.js';
import { InboxList } from './list.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = KIT_STYLES;

export function View({ route }) {
  const { workspace } = useDesk();
  const inboxes = useListing(workspace.store('inboxes', () => new Listing(() => workspace.api.get('inboxes'))));
  const { inbox } = route.params;
  return inbox
    ? html`<${InboxPage} key=${inbox} id=${inbox === 'new' ? null : inbox} inboxes=${inboxes} />`
    : html`<${InboxList} inboxes=${inboxes} />`;
}
