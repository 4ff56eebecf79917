// One calendar: its time zone, the hours of a usual week, and the days that differ.

import { html } from '../../shared/ui.js';
import { Deletion } from '../../kit/deletion.js';
import { TextField } from '../../kit/fields.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { Loaded, Missing } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';
import { SpecialDays } from './days.js';
import { WEEK, dayOf, dayText, hoursOf, hoursText } from '../../kit/hours.js';
import { Import } from './import.js';

export function CalendarPage({ id, calendars }) {
  const { t } = useDesk();
  const known = calendars.items?.find((calendar) => calendar.id === id);
  return html`
    <${Page} title=${id ? (known?.name ?? '…') : t('new_calendar')} up="calendars" data-testid="calendar">
      <${Loaded} listing=${calendars}>${(items) => {
        const calendar = items.find((one) => one.id === id);
        if (id && !calendar) return html`<${Missing} />`;
        // A new version, such as after an import, begins the form anew.
        return html`<${Fields} calendar=${calendar} calendars=${calendars} />`;
      }}<//>
    <//>`;
}

function Fields({ calendar, calendars }) {
  const { workspace, t } = useDesk();
  const form = useForm({
    initial: valuesOf(calendar ?? EMPTY),
    fields: { name: [], time_zone: ['zone'], ...Object.fromEntries(WEEK.map((day) => [day, []])) },
    check: (values) => checked(values, t),
    save: async (values, leave) => {
      const weekly = Object.fromEntries(WEEK.map((day) => [day, hoursOf(values[day])]));
      const body = { name: values.name, time_zone: values.time_zone, weekly, special_days: values.days.map(dayOf) };
      const after = calendar
        ? await workspace.api.patch(`calendars/${calendar.id}`, { ...body, expected_version: values.version })
        : await workspace.api.post('calendars', body);
      calendars.take(after);
      if (calendar) return valuesOf(after);
      leave();
      workspace.router.go(`calendars/${after.id}`);
      return null;
    },
    reload: async () => {
      await calendars.load();
      return valuesOf(calendars.items.find((one) => one.id === calendar.id));
    },
  });
  return html`
    <${Form} form=${form} data-testid="calendar-form">
      <section class="card">
        <${TextField} form=${form} name="name" label=${t('name')} maxlength="100" autocomplete="off" />
        <${TextField} form=${form} name="time_zone" label=${t('time_zone')} hint=${t('time_zone_hint')} maxlength="64" list="time-zones" autocomplete="off" />
        <datalist id="time-zones">${(Intl.supportedValuesOf?.('timeZone') ?? []).map((zone) => html`<option key=${zone} value=${zone} />`)}</datalist>
      </section>
      <section class="card"><h2>${t('week')}</h2><p class="muted">${t('week_hint')}</p>
        <div class="week">${WEEK.map((day) => html`<${TextField} key=${day} form=${form} name=${day} label=${t(`day_${day}`)} placeholder=${t('closed')} autocomplete="off" />`)}</div>
      </section>
      <${SpecialDays} form=${form} />
      <${SaveBar} form=${form} label=${calendar ? null : t('make_calendar')}>
        ${calendar && html`<${Deletion} label=${t('delete_calendar')} title=${t('delete_title', { name: calendar.name })} hint=${t('delete_hint')} path=${`calendars/${calendar.id}`}
          up="calendars" done=${() => calendars.drop(calendar.id)} />`}<//>
    <//>
    ${calendar && html`<${Import} calendar=${calendar} dirty=${form.dirty} onSaved=${(after) => { calendars.take(after); form.replace(valuesOf(after)); }} />`}`;
}

const EMPTY = {
  name: '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC', special_days: [], version: 0,
  weekly: Object.fromEntries(WEEK.slice(0, 5).map((day) => [day, [{ from: '09:00', to: '17:00' }]])),
};

const valuesOf = ({ name, time_zone: zone, weekly, special_days: days, version }) =>
  ({ name, time_zone: zone, version, ...Object.fromEntries(WEEK.map((day) => [day, hoursText(weekly[day])])), days: days.map(dayText) });

function checked(values, t) {
  const errors = {};
  if (!values.name.trim()) errors.name = t('required');
  for (const day of WEEK) if (!hoursOf(values[day])) errors[day] = t('hours_needed');
  const wrong = values.days.findIndex(({ date, kind, hours }) => !date || (kind === 'extra_working' && !hoursOf(hours)?.length));
  if (wrong >= 0) errors[`days.${wrong}`] = t(values.days[wrong].date ? 'hours_needed' : 'date_needed');
  return errors;
}
