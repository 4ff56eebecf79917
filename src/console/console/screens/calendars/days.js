// The days that differ from the usual week: closed days, and extra working days with hours of their own.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { useDesk } from '../../shell/context.js';

export function SpecialDays({ form }) {
  const { t } = useDesk();
  const { days } = form.values;
  const change = (i, part) => form.set('days', days.map((day, at) => (at === i ? { ...day, ...part } : day)));
  const add = () => form.set('days', [...days, { date: '', name: '', yearly: false, kind: 'closed', hours: '' }]);
  return html`
    <section class="card"><header class="card-head"><h2>${t('special_days')}</h2>
        <button type="button" class="button small" onClick=${add} data-testid="add-day"><${Icon} name="plus" size=${16} />${t('add_day')}</button></header>
      ${days.length === 0 && html`<p class="muted">${t('no_days')}</p>`}
      ${days.map((day, i) => html`
        <div class="special-day" key=${i} data-testid="special-day">
          <input type="date" aria-label=${t('date')} value=${day.date} data-testid="day-date" onInput=${(event) => change(i, { date: event.currentTarget.value })} />
          <input type="text" dir="auto" aria-label=${t('name')} placeholder=${t('name')} value=${day.name} maxlength="100" data-testid="day-name" onInput=${(event) => change(i, { name: event.currentTarget.value })} />
          <select aria-label=${t('kind')} value=${day.kind} onChange=${(event) => change(i, { kind: event.currentTarget.value })} data-testid="day-kind">
            <option value="closed">${t('closed')}</option><option value="extra_working">${t('extra_working')}</option></select>
          ${day.kind === 'extra_working' && html`<input type="text" aria-label=${t('hours')} placeholder="09:00-17:00" value=${day.hours} data-testid="day-hours" onInput=${(event) => change(i, { hours: event.currentTarget.value })} />`}
          <label class="check"><input type="checkbox" checked=${day.yearly} onChange=${(event) => change(i, { yearly: event.currentTarget.checked })} /><span>${t('yearly')}</span></label>
          <button type="button" class="icon-button" aria-label=${t('remove_day', { date: day.date })} onClick=${() => form.set('days', days.filter((one, at) => at !== i))}><${Icon} name="trash" size=${18} /></button>
          ${form.errors[`days.${i}`] && html`<span class="field-error" role="alert">${form.errors[`days.${i}`]}</span>`}
        </div>`)}
    </section>`;
}
