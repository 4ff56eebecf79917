// How urgent a conversation is: the choice in the details, and the mark in lists.

import { html, classes } from '../../shared/ui.js';
import { useConversations } from './context.js';

const PRIORITIES = ['urgent', 'high', 'normal', 'low'];

export function Priority({ row }) {
  const { conversations, t } = useConversations();
  const priority = row?.fields?.priority ?? '';
  const choose = (event) => {
    const value = event.currentTarget.value || null;
    // It shows what the server has accepted.
    event.currentTarget.value = priority;
    conversations.act('set_field', { change: { field: 'priority', value } });
  };
  return html`
    <label class="field">${t('priority')}
      <select data-testid="priority" value=${priority} disabled=${!row} onChange=${choose}>
        <option value="">${t('priority_none')}</option>
        ${PRIORITIES.map((value) => html`<option key=${value} value=${value}>${t(`priority_${value}`)}</option>`)}
      </select>
    </label>`;
}

/** Only what stands out is marked: high and urgent. */
export function PriorityMark({ row }) {
  const { t } = useConversations();
  const priority = row.fields?.priority;
  if (priority !== 'urgent' && priority !== 'high') return null;
  return html`<span class=${classes('chip priority', priority)} data-testid="priority-mark">${t(`priority_${priority}`)}</span>`;
}
