// Which language the console speaks.

import { html, useContext } from '../shared/ui.js';
import { LANGUAGES } from '../shared/language.js';
import { SessionContext } from './context.js';
import { Icon } from '../shared/icons.js';

export function LanguagePicker() {
  const session = useContext(SessionContext);
  return html`
    <label class="language">
      <${Icon} name="globe" size=${18} /><span class="hidden">${session.t('language')}</span>
      <select value=${session.language} onChange=${(event) => session.chooseLanguage(event.currentTarget.value)}>
        ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option value=${tag} key=${tag}>${name}</option>`)}
      </select>
    </label>`;
}
