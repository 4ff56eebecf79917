// Setting a conversation aside: its status, and snoozing.

import { html } from '../../shared/ui.js';
import { fullTime } from '../../shared/time.js';
import { useConversations } from './context.js';

const COMMANDS = { open: 'reopen', pending: 'pend', resolved: 'resolve' };

export function Filing({ conversation, row }) {
  const { workspace, conversations, t, language } = useConversations();
  const stands = conversations.standing(conversation.id);
  const status = stands?.status ?? 'open';
  const holder = stands?.assignment;
  const may = stands && (!holder || holder.agent === workspace.agent.id || conversations.leads);
  const busy = conversations.busy(conversation.id, 'reopen', 'pend', 'resolve', 'snooze');

  const choose = (event) => {
    const wanted = event.currentTarget.value;
    event.currentTarget.value = status;
    if (COMMANDS[wanted] && wanted !== status) conversations.act(COMMANDS[wanted]);
  };
  const snooze = (event) => {
    const until = MOMENTS[event.currentTarget.value]?.(new Date(workspace.desk.connection.now));
    event.currentTarget.value = '';
    if (until) conversations.act('snooze', { until: until.getTime() });
  };
  const snoozedWords = row?.snoozed_until ? t('status_snoozed_until', { time: fullTime(row.snoozed_until, language) }) : t('status_snoozed');
  return html`
    <div class="field-pair">
      <label class="field">${t('status')}
        <select data-testid="status" value=${status} onChange=${choose} disabled=${!may || busy}>
          <option value="open">${t('status_open')}</option>
          <option value="pending" disabled=${status === 'resolved'}>${t('status_pending')}</option>
          ${status === 'snoozed' && html`<option value="snoozed">${snoozedWords}</option>`}
          <option value="resolved">${t('status_resolved')}</option>
        </select>
      </label>
      <label class="field">${t('snooze')}
        <select data-testid="snooze" value="" onChange=${snooze} disabled=${!may || busy || status === 'resolved'}>
          <option value="">—</option>
          ${Object.keys(MOMENTS).map((name) => html`<option key=${name} value=${name}>${t(`snooze_${name}`)}</option>`)}
        </select>
      </label>
    </div>`;
}

const HOUR = 3_600_000;

/** When each snooze ends, counted from `now` in the agent's own time zone. */
const MOMENTS = {
  hour: (now) => new Date(now.getTime() + HOUR),
  three: (now) => new Date(now.getTime() + 3 * HOUR),
  tomorrow: (now) => morning(now, 1),
  week: (now) => morning(now, ((8 - now.getDay()) % 7) || 7),
};

function morning(now, days) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9);
}
