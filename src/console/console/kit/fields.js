// The fields of a form: each with its label, a hint, and what is wrong with it.

import { html } from '../shared/ui.js';

export function TextField({ form, name, label, hint = null, type = 'text', rows = null, code = false, ...rest }) {
  const error = form.errors[name];
  const shared = {
    id: `field-${name}`, name, value: form.values[name], 'aria-invalid': error ? 'true' : null, 'data-testid': `field-${name}`,
    'aria-describedby': error || hint ? `about-${name}` : null, onInput: (event) => form.set(name, event.currentTarget.value), ...rest,
  };
  return html`
    <label class="field" for=${shared.id}>${label}
      ${rows ? html`<textarea rows=${rows} class=${code ? 'code' : null} dir="auto" ...${shared}></textarea>` : html`<input type=${type} dir="auto" ...${shared} />`}
      <${About} name=${name} error=${error} hint=${hint} /></label>`;
}

/** `options`: `[[value, words], ...]`. */
export function SelectField({ form, name, label, hint = null, options, disabled = false }) {
  const error = form.errors[name];
  return html`
    <label class="field" for=${`field-${name}`}>${label}
      <select id=${`field-${name}`} value=${form.values[name]} disabled=${disabled} data-testid=${`field-${name}`} aria-invalid=${error ? 'true' : null}
        aria-describedby=${error || hint ? `about-${name}` : null} onChange=${(event) => form.set(name, event.currentTarget.value)}>
        ${options.map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}
      </select>
      <${About} name=${name} error=${error} hint=${hint} /></label>`;
}

export function CheckField({ form, name, label, hint = null, disabled = false }) {
  return html`<${Check} id=${name} label=${label} hint=${hint} disabled=${disabled} checked=${form.values[name]} onChange=${(on) => form.set(name, on)} />`;
}

/** A box to tick that stands for no field by itself. */
export const Check = ({ id, label, hint = null, checked, disabled = false, onChange }) => html`
  <label class="check">
    <input type="checkbox" checked=${checked} disabled=${disabled} data-testid=${`check-${id}`} onChange=${(event) => onChange(event.currentTarget.checked)} />
    <span class="check-words">${label}${hint && html`<span class="muted">${hint}</span>`}</span></label>`;

function About({ name, error, hint }) {
  if (error) return html`<span class="field-error" id=${`about-${name}`} role="alert" data-testid=${`error-${name}`}>${error}</span>`;
  return hint && html`<span class="field-hint" id=${`about-${name}`}>${hint}</span>`;
}
