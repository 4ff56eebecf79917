// A question before something that cannot be undone.

import { html, useEffect, useRef } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { useConsole } from '../shell/context.js';

/**
 * The safe answer has the focus. `action` is what the other button says; `problem` says why it did not work, if it was
 * tried.
 */
export function Confirm({ title, hint, action, stay = null, busy = false, problem = null, onConfirm, onCancel }) {
  const { t } = useConsole();
  const dialog = useRef(null);
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  return html`
    <dialog class="help" ref=${dialog} onClose=${onCancel} aria-label=${title} data-testid="confirm-dialog">
      <div class="help-card confirm">
        <h2><${Icon} name="alert" />${title}</h2>
        <p>${hint}</p>
        ${problem && html`<p class="error" role="alert" data-testid="confirm-problem">${problem}</p>`}
        <footer><button class="button" autofocus onClick=${onCancel} data-testid="confirm-cancel">${stay ?? t('cancel')}</button>
          <button class="button danger" disabled=${busy} onClick=${onConfirm} data-testid="confirm-action">${action}</button></footer>
      </div>
    </dialog>`;
}
