// Whose conversation it is, who holds it, and what can be done to it at once.

import { html, useObservable } from '../../shared/ui.js';
import { clockTime, dayOf, fullTime } from '../../shared/time.js';
import { Icon } from '../../shared/icons.js';
import { isolated, withNames } from '../../shared/isolate.js';
import { contactName, useConversations } from './context.js';
import { Avatar } from '../../shell/avatar.js';

export function ConversationHead({ conversation, row, details, onDetails }) {
  const { workspace, conversations, t } = useConversations();
  const directory = useObservable(workspace.directory);
  const stands = conversations.standing(conversation.id);
  const name = contactName(row, t);
  const presence = row && directory.presenceOf({ kind: 'contact', id: row.contact });
  const mayResolve = stands && (!stands.assignment || stands.assignment.agent === workspace.agent.id || conversations.leads);
  const button = (type, icon, primary, enabled = true) => html`
    <button class=${primary ? 'button primary' : 'button'} data-testid=${type} onClick=${() => conversations.act(type)}
      disabled=${!enabled || conversations.busy(conversation.id, type)}><${Icon} name=${icon} size=${18} /><span>${t(type)}</span></button>`;
  return html`
    <header class="pane-head">
      <button class="icon-button only-phone" aria-label=${t('back')} onClick=${() => conversations.open(null)}><${Icon} name="back" /></button>
      <${Avatar} name=${row?.contact_name} id=${row?.contact} presence=${presence === 'online' ? presence : null} />
      <div class="pane-title">
        <h2><bdi>${row ? name : '…'}</bdi></h2>
        <${ClaimReceipt} stands=${stands} />
      </div>
      ${stands && !stands.assignment && stands.status !== 'resolved' && button('claim', 'plus', true)}
      ${stands && (stands.status === 'resolved' ? button('reopen', 'reopen', false) : button('resolve', 'check', false, mayResolve))}
      <button class="icon-button details-button" aria-label=${t('details')} aria-expanded=${details} onClick=${onDetails}><${Icon} name="info" /></button>
    </header>`;
}

/** One winner, with a receipt: who holds it, and since when. */
function ClaimReceipt({ stands }) {
  const { workspace, conversations, t, language } = useConversations();
  if (!stands) return html`<p class="claim-receipt muted"> </p>`;
  const held = stands.assignment;
  const today = held && dayOf(held.at) === dayOf(Date.now());
  const time = held && (today ? clockTime : fullTime)(held.at, language);
  const words = !held ? t('not_assigned')
    : held.agent === workspace.agent.id ? t('held_by_you', { time })
    : t('held_by', { name: isolated(held.name), time });
  return html`<p class="claim-receipt muted" data-testid="claim-receipt" data-agent=${held?.agent ?? ''} title=${held && fullTime(held.at, language)}>${withNames(words)}</p>`;
}
