// Setting a conversation aside: its status, and snoozing.

import { html, useObservable } from '../../shared/ui.js';
import { fullTime } from '../../shared/time.js';
import { useConversations } from './context.js';
import { durationText, ownZone, snoozeChoices } from './snooze.js';

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
  const choices = snoozeChoices(useObservable(workspace.settings).of(row?.inbox));
  const snooze = (event) => {
    const until = choices.find(({ key }) => key === event.currentTarget.value)?.until(workspace.desk.connection.now);
    event.currentTarget.value = '';
    if (until) conversations.act('snooze', { until });
  };
  const choiceWords = ({ minutes, morning, zone }) => {
    if (minutes) return t('snooze_for', { duration: durationText(minutes, language) });
    return zone === ownZone() ? t(`snooze_${morning}`) : t('snooze_in_zone', { moment: t(`snooze_${morning}`), zone });
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
          ${choices.map((choice) => html`<option key=${choice.key} value=${choice.key}>${choiceWords(choice)}</option>`)}
        </select>
      </label>
    </div>`;
}
