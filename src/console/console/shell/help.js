// All keyboard shortcuts at a glance.

import { html, useEffect, useRef } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { useDesk } from './context.js';

const KEYS = [
  ['help_move', 'j', 'k'], ['help_open', 'Enter'], ['help_claim', 'c'], ['help_reply', 'r'], ['help_note', 'n'], ['help_resolve', 'e'],
  ['help_search', '/'], ['help_send', 'Enter', 'Ctrl Enter'], ['help_newline', 'Shift Enter'], ['help_close', 'Esc'], ['help_help', '?'],
];

export function Help({ onClose }) {
  const { t } = useDesk();
  const dialog = useRef(null);
  // A modal dialog keeps the focus inside and gives it back at the end.
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  const keyed = (event) => event.key === '?' && onClose();
  return html`
    <dialog class="help" ref=${dialog} onClose=${onClose} onKeyDown=${keyed} onClick=${(event) => event.target === dialog.current && onClose()} aria-label=${t('help')}>
      <div class="help-card">
        <header><h2>${t('help')}</h2><button class="icon-button" aria-label=${t('close')} onClick=${onClose}><${Icon} name="close" /></button></header>
        <dl>${KEYS.map(([words, ...keys]) => html`
          <div key=${words}><dt>${t(words)}</dt><dd>${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dd></div>`)}</dl>
      </div>
    </dialog>`;
}
