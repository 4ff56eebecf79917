// Short words at the edge of the screen.

import { html, useObservable } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { withNames } from '../shared/isolate.js';
import { useDesk } from './context.js';

export function Toasts() {
  const { workspace, t } = useDesk();
  const toasts = useObservable(workspace.toasts);
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${toasts.items.map(({ id, text, kind }) => html`
        <div key=${id} class=${`toast toast-${kind}`} data-testid="toast">
          <${Icon} name=${kind === 'claim' ? 'person' : 'alert'} size=${18} /><span>${withNames(text)}</span>
          <button class="icon-button" aria-label=${t('close')} onClick=${() => toasts.dismiss(id)}><${Icon} name="close" size=${16} /></button>
        </div>`)}
    </div>`;
}
