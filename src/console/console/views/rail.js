// The lists that an agent works from, and the agent's own menu. At the bottom of the screen on a phone.

import { html, useEffect, useRef, useState } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { useDesk } from './context.js';
import { Avatar } from './avatar.js';
import { LanguagePicker } from './language_picker.js';

const ICONS = { mine: 'person', unassigned: 'queue', open: 'all', waiting: 'clock', resolved: 'done' };

export function Rail({ onHelp }) {
  const { workspace, t } = useDesk();
  const { rows } = workspace;
  return html`
    <nav class="rail" aria-label=${t('lists')}>
      <div class="rail-tabs">
        ${Object.entries(ICONS).map(([tab, icon]) => {
          const counted = tab !== 'resolved' && rows.stateOf(tab) !== 'idle';
          const count = counted ? rows.of(tab).length : 0;
          return html`
            <button key=${tab} class="rail-tab" aria-pressed=${!workspace.page && workspace.tab === tab} data-testid=${`tab-${tab}`}
              onClick=${() => workspace.selectTab(tab)}>
              <span class="rail-icon"><${Icon} name=${icon} size=${22} />
                ${count > 0 && html`<span class="count">${count > 99 ? '99+' : count}${count < 100 && rows.mayHoldMore(tab) ? '+' : ''}</span>`}
              </span>
              <span class="rail-name">${t(`tab_${tab}`)}</span>
            </button>`;
        })}
        ${workspace.oversees && html`
          <a class="rail-tab" href="#/ledger" aria-current=${workspace.page === 'ledger' ? 'page' : null} data-testid="to-ledger">
            <span class="rail-icon"><${Icon} name="ledger" size=${22} /></span><span class="rail-name">${t('ledger')}</span></a>`}
      </div>
      <${Account} onHelp=${onHelp} />
    </nav>`;
}

function Account({ onHelp }) {
  const { session, workspace, t } = useDesk();
  const { agent, presence } = workspace;
  const [open, setOpen] = useState(false);
  const box = useRef(null);

  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => box.current?.contains(event.target) || setOpen(false);
    // Before the shortcuts of the desk hear of it: this Escape closes the menu, not the conversation.
    const escape = (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', escape, true);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', escape, true);
    };
  }, [open]);

  const other = presence === 'online' ? 'away' : 'online';
  const close = (action) => () => {
    setOpen(false);
    action();
  };
  return html`
    <div class="account" ref=${box}>
      <button class="account-button" aria-label=${t('account')} aria-expanded=${open} onClick=${() => setOpen(!open)}>
        <${Avatar} name=${agent.name} id=${agent.id} presence=${presence} />
      </button>
      ${open && html`
        <div class="account-menu">
          <p class="account-name"><bdi>${agent.name}</bdi><span class="muted">${agent.email}</span></p>
          <button class="menu-item" onClick=${close(() => workspace.choosePresence(other))}>
            <${Icon} name=${other === 'away' ? 'away' : 'check'} size=${18} />${t(`be_${other}`)}</button>
          <button class="menu-item" onClick=${close(onHelp)}><${Icon} name="help" size=${18} />${t('help')}</button>
          <div class="menu-item"><${LanguagePicker} /></div>
          <button class="menu-item" onClick=${close(() => session.logout())}><${Icon} name="leave" size=${18} />${t('sign_out')}</button>
        </div>`}
    </div>`;
}
