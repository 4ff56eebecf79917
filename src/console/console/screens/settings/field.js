// One setting: its value where it is set here, or the value that is inherited.

import { html } from '../../shared/ui.js';
import { useDesk } from '../../shell/context.js';
import { fieldWords, hintWords, valueWords } from './names.js';

export function Setting({ form, field, inherited }) {
  const { t } = useDesk();
  const { path } = field;
  const value = form.values[path];
  const isSet = value !== undefined;
  const error = form.errors[path];
  const from = t(`from_${inherited.source}`);
  return html`
    <div class="setting" data-testid=${`setting-${path}`} data-set=${String(isSet)}>
      <div class="setting-words"><span class="setting-name" id=${`name-${path}`}>${fieldWords(path, t)}</span>
        <span class="muted" id=${`about-${path}`}>${hintWords(field, t)}</span></div>
      <div class="setting-value">
        ${isSet
          ? html`<${Input} form=${form} field=${field} value=${value} invalid=${Boolean(error)} />`
          : html`<span class="inherited"><bdi>${valueWords(inherited.value, t, path)}</bdi> <span class="muted">${from}</span></span>`}
        <button type="button" class="link" aria-label=${`${t(isSet ? 'inherit' : 'set_here')}: ${fieldWords(path, t)}`} data-testid=${`toggle-${path}`}
          onClick=${() => form.set(path, isSet ? undefined : inherited.value)}>${t(isSet ? 'inherit' : 'set_here')}</button>
        ${error && html`<span class="field-error" role="alert" data-testid=${`error-${path}`}>${error}</span>`}
      </div>
    </div>`;
}

function Input({ form, field, value, invalid }) {
  const { t } = useDesk();
  const { path, kind, name } = field;
  const set = (next) => form.set(path, next);
  const shared = { 'aria-labelledby': `name-${path}`, 'aria-describedby': `about-${path}`, 'aria-invalid': invalid ? 'true' : null, 'data-testid': `field-${path}` };
  switch (kind) {
    case 'switch':
      return html`<label class="check"><input type="checkbox" checked=${value} ...${shared} onChange=${(event) => set(event.currentTarget.checked)} />
        <span>${t(value ? 'on' : 'off')}</span></label>`;
    case 'choice':
      return html`<select value=${value} ...${shared} onChange=${(event) => set(event.currentTarget.value)}>
        ${field.choices.map((one) => html`<option key=${one} value=${one}>${valueWords(one, t, path)}</option>`)}</select>`;
    case 'number':
      return html`<input type="number" value=${value} min=${field.min} max=${field.max} ...${shared} onInput=${(event) => set(numberOf(event.currentTarget.value))} />`;
    case 'numbers':
      return html`<input type="text" inputmode="numeric" value=${Array.isArray(value) ? value.join(', ') : value} ...${shared} onChange=${(event) => set(numbersOf(event.currentTarget.value))} />`;
    default:
      return html`
        ${name === 'colour' && html`<input type="color" class="swatch" value=${/^#[0-9a-f]{6}$/i.test(value) ? value : '#3d5afe'} aria-label=${fieldWords(path, t)} onInput=${(event) => set(event.currentTarget.value)} />`}
        <input type="text" dir="auto" value=${value} maxlength=${field.max} list=${name === 'time_zone' ? 'time-zones' : null} ...${shared} onInput=${(event) => set(event.currentTarget.value)} />
        ${name === 'time_zone' && html`<datalist id="time-zones">${zones().map((zone) => html`<option key=${zone} value=${zone} />`)}</datalist>`}`;
  }
}

// What is no number is sent as it was typed; the server says what it needs.
const numberOf = (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);
const numbersOf = (text) => text.split(/[\s,，;]+/).filter(Boolean).map(numberOf);

const zones = () => Intl.supportedValuesOf?.('timeZone') ?? [];
