// Which entries are shown. What is chosen stands in the address, so that a link leads to the same entries.

import { html } from '../../shared/ui.js';
import { useDesk } from '../../shell/context.js';

/** What is known to be written; an act of a newer version is shown, but not offered here. */
export const ACTS = [
  'tenant.created', 'login.began', 'login.refused', 'login.ended', 'login.revoked', 'agent.created', 'agent.changed',
  'role.created', 'role.changed', 'role.deleted', 'inbox.created', 'inbox.changed', 'settings.changed',
  'team.created', 'team.changed', 'team.deleted',
  'identity_secret.created', 'identity_secret.deleted',
  'skill.created', 'skill.changed', 'skill.deleted', 'agent.skills_changed', 'calendar.created', 'calendar.changed', 'calendar.imported', 'calendar.deleted',
  'dead_letter.redelivery_requested', 'dead_letter.redelivered', 'dead_letter.discard_requested', 'dead_letter.discarded',
  'integrity_check.began',
];

/** What the server is asked, for a query of the address. Days are days where the agent is. */
export function asked({ act, actor, from, to }) {
  const query = { act, actor, since: startOf(from, 0), until: startOf(to, 1) };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value));
}

export function Filters({ query, agents }) {
  const { workspace, t } = useDesk();
  const { act = '', actor = '', from = '', to = '' } = query;
  const choose = (name) => (event) => workspace.router.replace('audit', { ...query, [name]: event.currentTarget.value });
  const acts = ACTS.includes(act) || !act ? ACTS : [...ACTS, act];
  return html`
    <div class="filters" role="search">
      <label class="field">${t('what')}
        <select value=${act} onChange=${choose('act')} data-testid="filter-act">
          <option value="">${t('everything')}</option>
          ${acts.map((one) => html`<option key=${one} value=${one}>${actWords(one, t)}</option>`)}
        </select></label>
      <label class="field">${t('who')}
        <select value=${actor} onChange=${choose('actor')} data-testid="filter-actor">
          <option value="">${t('everyone')}</option>
          ${(agents.items ?? []).map((agent) => html`<option key=${agent.id} value=${`agent:${agent.id}`}>${agent.name}</option>`)}
        </select></label>
      <label class="field">${t('from')}<input type="date" value=${from} onChange=${choose('from')} data-testid="filter-first" /></label>
      <label class="field">${t('to')}<input type="date" value=${to} onChange=${choose('to')} data-testid="filter-last" /></label>
    </div>`;
}

/** An act in words; one that this version does not know keeps its name. */
export function actWords(act, t) {
  const words = t(`act_${act}`);
  return words === `act_${act}` ? act : words;
}

/** The first moment of a day `YYYY-MM-DD`, or of one `days` later; null when it is none. */
function startOf(day, days) {
  const [year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? '')?.slice(1).map(Number) ?? [];
  return year ? new Date(year, month - 1, date + days).getTime() : null;
}
