// What is set at one scope, field by field; what is not set is inherited, and says from where.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { ago } from '../../shared/time.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { Failed, Loading, Missing } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';
import { Setting } from './field.js';
import { byWords, fragmentFor, sectionWords } from './names.js';
import { valuesOf } from './schema.js';

export function SettingsPage({ scope, settings, places, onChoose }) {
  const { t } = useDesk();
  const history = html`<a class="button" href=${fragmentFor(scope, 'history')} data-testid="to-history"><${Icon} name="clock" size=${18} />${t('history')}</a>`;
  return html`
    <${Page} title=${t('settings')} hint=${t('settings_hint')} actions=${history} data-testid="settings">
      <${Scopes} scope=${scope} places=${places} onChoose=${onChoose} />
      ${settings.state === 'missing' ? html`<${Missing} />`
        : settings.current ? html`<${Fields} key=${scope.path} scope=${scope} settings=${settings} />`
        : settings.state === 'failed' ? html`<${Failed} problem=${settings.problem} onRetry=${() => settings.load()} />` : html`<${Loading} />`}
    <//>`;
}

/** For what is set: the whole tenant, one inbox or one team. `onChoose` is called before one is chosen. */
function Scopes({ scope, places, onChoose }) {
  const { workspace, t } = useDesk();
  const choose = (event) => {
    const { value } = event.currentTarget;
    // Shown as it was until the place changes: a form that was not saved may keep it.
    event.currentTarget.value = scope.id ?? '';
    const place = places.find(({ id }) => id === value);
    workspace.router.go(place ? `settings/${place.kind}/${place.id}` : 'settings');
  };
  return html`
    <label class="field scope-choice">${t('holds_for')}
      <select value=${scope.id ?? ''} onFocus=${onChoose} onChange=${choose} data-testid="scope">
        <option value="">${t('whole_tenant')}</option>
        ${places.map(({ kind, id, name }) => html`<option key=${id} value=${id} selected=${id === scope.id}>${t(`${kind}_named`, { name })}</option>`)}
      </select></label>`;
}

function Fields({ scope, settings }) {
  const { workspace, t, language } = useDesk();
  const { current, fields, inherited } = settings;
  const form = useForm({
    initial: valuesOf(current.document, fields),
    fields: Object.fromEntries(fields.map(({ path }) => [path, []])),
    save: async (values) => {
      await settings.write(values);
      return valuesOf(settings.current.document, settings.fields);
    },
    reload: async () => {
      await settings.load();
      return valuesOf(settings.current.document, settings.fields);
    },
  });
  const sections = [...new Set(fields.map(({ section }) => section))];
  return html`
    <${Form} form=${form} data-testid="settings-form">
      ${sections.map((section) => html`
        <section class="card" key=${section} aria-label=${sectionWords(section, t)}><h2>${sectionWords(section, t)}</h2>
          ${fields.filter((field) => field.section === section).map((field) => html`
            <${Setting} key=${field.path} form=${form} field=${field} inherited=${inherited[field.path]} scope=${scope} />`)}
        </section>`)}
      <div class="save-line"><${SaveBar} form=${form}>
        <span class="muted" data-testid="version">${current.version === 0 ? t('never_set')
          : html`<a href=${fragmentFor(scope, 'history')}>${t('version_by', { version: current.version, who: byWords(current.by, workspace, t), when: ago(current.at, language) })}</a>`}</span><//></div>
    <//>`;
}
