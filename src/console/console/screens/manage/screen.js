// The page that leads to all others: what this agent may see and change beyond conversations.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { Navigation } from '../../kit/page.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { GROUPS, linked } from '../table.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = KIT_STYLES;

export function View() {
  const { workspace, t } = useDesk();
  const any = GROUPS.some((group) => linked((permission) => workspace.may(permission), group).length);
  return html`
    <div class="page manage"><main class="admin" aria-label=${t('manage')} data-testid="manage">
      <header class="admin-head"><h1>${t('manage')}</h1></header>
      <div class="admin-scroll"><div class="admin-body">
        ${any ? html`<${Navigation} cards />` : html`
          <div class="empty"><span class="empty-icon"><${Icon} name="manage" size=${28} /></span>
            <p><strong>${t('nothing_to_manage')}</strong></p><p class="muted">${t('nothing_to_manage_hint')}</p></div>`}
      </div></div>
    </main></div>`;
}
