// Days from an iCalendar file: first shown, then saved.

import { html, useState } from '../../shared/ui.js';
import { problemWords } from '../../kit/problem.js';
import { useDesk } from '../../shell/context.js';
import { hoursOf } from '../../kit/hours.js';

/** Not while the form holds changes that were not saved: they would be lost. */
export function Import({ calendar, dirty, onSaved }) {
  const { workspace, t } = useDesk();
  const [asked, setAsked] = useState({ text: '', as: 'closed', hours: '09:00-17:00', matching: '' });
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const change = (part) => {
    setAsked((now) => ({ ...now, ...part }));
    setFound(null);
  };
  const read = async (event) => change({ text: await (event.currentTarget.files[0]?.text() ?? '') });
  const send = async (save) => {
    setBusy(true);
    setProblem(null);
    try {
      const { text, as, matching } = asked;
      const hours = as === 'closed' ? [] : (hoursOf(asked.hours) ?? []);
      const answer = await workspace.api.post(`calendars/${calendar.id}/import`, { text, as, hours, matching: matching || null, save, expected_version: calendar.version });
      setFound(answer);
      if (answer.saved) onSaved(answer.calendar);
    } catch (refused) {
      setProblem(problemWords(refused, t));
    }
    setBusy(false);
  };
  return html`
    <section class="card form" aria-label=${t('import')} aria-busy=${busy} data-testid="import"><h2>${t('import')}</h2>
      <p class="muted">${t('import_hint')}</p>
      <label class="field">${t('file')}<input type="file" accept=".ics,text/calendar" onChange=${read} data-testid="import-file" /></label>
      <label class="field">${t('become')}
        <select value=${asked.as} onChange=${(event) => change({ as: event.currentTarget.value })}><option value="closed">${t('closed')}</option><option value="extra_working">${t('extra_working')}</option></select></label>
      ${asked.as === 'extra_working' && html`<label class="field">${t('hours')}<input type="text" value=${asked.hours} onInput=${(event) => change({ hours: event.currentTarget.value })} /></label>`}
      <label class="field">${t('matching')}<input type="text" dir="auto" maxlength="100" value=${asked.matching} onInput=${(event) => change({ matching: event.currentTarget.value })} /></label>
      ${problem && html`<p class="form-error" role="alert">${problem}</p>`}
      ${found && html`
        <div class="found" role="status" data-testid="import-found" data-saved=${String(found.saved)}>
          <p><strong>${t(found.saved ? 'import_saved' : 'import_found', { n: found.days.length })}</strong></p>
          <ul>${found.days.map((day) => html`<li key=${day.date}>${day.date} <bdi>${day.name}</bdi></li>`)}</ul>
          ${found.skipped.length > 0 && html`<p class="muted">${t('import_skipped', { n: found.skipped.length })}</p>
            <ul class="muted">${found.skipped.map((event) => html`<li key=${event.line}><bdi>${event.summary}</bdi>: <span lang="en">${event.reason}</span></li>`)}</ul>`}
        </div>`}
      <div class="save-bar">
        <button type="button" class="button" disabled=${busy || !asked.text} onClick=${() => send(false)} data-testid="import-look">${t('import_look')}</button>
        <button type="button" class="button primary" disabled=${busy || dirty || !found || found.saved || !found.days.length} onClick=${() => send(true)} data-testid="import-save">${t('import_save')}</button>
        ${dirty && html`<span class="save-state">${t('import_dirty')}</span>`}
      </div>
    </section>`;
}
