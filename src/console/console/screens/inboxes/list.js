// All inboxes, with the kind of each.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Page } from '../../kit/page.js';
import { Empty, Loaded } from '../../kit/states.js';
import { Thing, Things } from '../../kit/things.js';
import { fragmentOf } from '../../router.js';
import { useDesk } from '../../shell/context.js';

export function InboxList({ inboxes }) {
  const { t } = useDesk();
  const make = html`<a class="button primary" href=${fragmentOf('inboxes/new')} data-testid="new"><${Icon} name="plus" size=${18} />${t('new_inbox')}</a>`;
  return html`
    <${Page} title=${t('inboxes')} hint=${t('inboxes_hint')} actions=${make} data-testid="inboxes">
      <${Loaded} listing=${inboxes}>${(items) => (items.length ? html`
        <${Things}>${items.map((inbox) => html`
          <${Thing} key=${inbox.id} path=${`inboxes/${inbox.id}`} icon=${html`<${Icon} name="queue" />`} name=${inbox.name} about=${kindWords(inbox.kind, t)}
            side=${!inbox.active && html`<span class="chip bad">${t('disabled')}</span>`} />`)}
        <//>` : html`<${Empty} icon="queue" title=${t('no_inboxes')} hint=${t('no_inboxes_hint')} />`)}<//>
    <//>`;
}

/** A kind in words; one that a bridge brought along keeps its name. */
export function kindWords(kind, t) {
  const words = t(`kind_${kind}`);
  return words === `kind_${kind}` ? kind : words;
}
