// The agent's own menu: presence, help, language, signing out.

import { html, useEffect, useRef, useState } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { Avatar } from './avatar.js';
import { useDesk } from './context.js';
import { LanguagePicker } from './language_picker.js';

export function Account({ onHelp }) {
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
      <button class="account-button" data-testid="account" data-presence=${presence} aria-label=${t('account')} aria-expanded=${open} onClick=${() => setOpen(!open)}>
        <${Avatar} name=${agent.name} id=${agent.id} presence=${presence} />
      </button>
      ${open && html`
        <div class="account-menu">
          <p class="account-name"><bdi>${agent.name}</bdi><span class="muted">${agent.email}</span></p>
          <button class="menu-item" data-testid=${`be-${other}`} onClick=${close(() => workspace.choosePresence(other))}>
            <${Icon} name=${other === 'away' ? 'away' : 'check'} size=${18} />${t(`be_${other}`)}</button>
          <button class="menu-item" onClick=${close(onHelp)}><${Icon} name="help" size=${18} />${t('help')}</button>
          <div class="menu-item"><${LanguagePicker} /></div>
          <button class="menu-item" data-testid="sign-out" onClick=${close(() => session.logout())}><${Icon} name="leave" size=${18} />${t('sign_out')}</button>
        </div>`}
    </div>`;
}
