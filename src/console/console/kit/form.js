// A form that saves: its values, what is wrong with them, and how saving went.

import { html, useEffect, useObservable, useRef, useState } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { useConsole } from '../shell/context.js';
import { Confirm } from './dialog.js';
import { fieldOf, problemWords } from './problem.js';

/**
 * `initial`: the values as they are saved. `save(values)` saves them and gives the values as they are saved then.
 * `check(values)` gives `{field: words}` for what is wrong before anything is sent. `fields`: the names of the fields,
 * each with other names that the server may have for it. `reload()` gives the values that another person saved
 * meanwhile.
 */
export function useForm({ initial, save, check = () => ({}), fields = {}, reload = null }) {
  const { workspace, t } = useConsole();
  const [saved, setSaved] = useState(initial);
  const [values, setValues] = useState(initial);
  const [outcome, setOutcome] = useState({ state: 'idle', problem: null, errors: {} });
  const dirty = !same(values, saved);
  const unsaved = useRef(false);
  unsaved.current = dirty && outcome.state !== 'done';

  useEffect(() => {
    const keep = (event) => unsaved.current && event.preventDefault();
    addEventListener('beforeunload', keep);
    const end = workspace.router.guard(() => !unsaved.current);
    return () => {
      removeEventListener('beforeunload', keep);
      end();
    };
  }, [workspace]);

  const take = (next) => {
    setSaved(next);
    setValues(next);
  };
  const submit = async (event) => {
    event?.preventDefault();
    if (outcome.state === 'saving') return;
    const errors = check(values);
    if (Object.keys(errors).length) {
      setOutcome({ state: 'failed', problem: null, errors });
      return;
    }
    setOutcome({ state: 'saving', problem: null, errors: {} });
    try {
      const next = await save(values, () => {
        // The form is left for another place: nothing is in the way.
        unsaved.current = false;
      });
      if (next) take(next);
      setOutcome({ state: next ? 'saved' : 'done', problem: null, errors: {} });
    } catch (problem) {
      if (problem.code === undefined) throw problem;
      const field = fieldOf(problem, fields);
      const words = problemWords(problem, t);
      setOutcome({ state: problem.code === 'conflict' ? 'meanwhile' : 'failed', problem: field ? null : words, errors: field ? { [field]: words } : {} });
    }
  };
  return {
    values, dirty, submit, ...outcome,
    set: (name, value) => {
      setValues((now) => ({ ...now, [name]: value }));
      if (outcome.state !== 'saving') setOutcome({ state: 'idle', problem: null, errors: { ...outcome.errors, [name]: undefined } });
    },
    /** Takes values that were saved on another way, such as by an import. */
    replace: take,
    reload: reload && (async () => {
      const next = await reload().catch(() => null);
      if (!next) return;
      take(next);
      setOutcome({ state: 'idle', problem: null, errors: {} });
    }),
  };
}

export function Form({ form, children, ...rest }) {
  const { workspace, t } = useConsole();
  const router = useObservable(workspace.router);
  return html`
    <form class="form" novalidate onSubmit=${form.submit} aria-busy=${form.state === 'saving'} ...${rest}>
      ${form.state === 'meanwhile' && html`
        <p class="form-error meanwhile" role="alert" data-testid="changed-meanwhile"><${Icon} name="alert" size=${20} /><span>${t('changed_meanwhile')}
          ${form.reload && html`<button type="button" class="link" onClick=${form.reload} data-testid="reload-theirs">${t('reload_theirs')}</button>`}</span></p>`}
      ${form.problem && form.state !== 'meanwhile' && html`
        <p class="form-error" role="alert" data-testid="form-problem"><${Icon} name="alert" size=${20} /><span>${form.problem}</span></p>`}
      ${children}
    </form>
    ${router.held && html`<${Confirm} title=${t('leave_title')} hint=${t('leave_hint')} action=${t('leave_anyway')} stay=${t('stay')}
      onConfirm=${() => router.decide(true)} onCancel=${() => router.decide(false)} />`}`;
}

/** The button that saves, and how it went. `children` stand at the end. */
export function SaveBar({ form, label = null, children = null }) {
  const { t } = useConsole();
  const [mood, words] =
    form.state === 'saving' ? ['', 'saving']
    : form.state === 'failed' || form.state === 'meanwhile' ? ['bad', 'not_saved']
    : form.dirty ? ['', 'unsaved']
    : form.state === 'saved' ? ['good', 'saved']
    : ['', null];
  return html`
    <div class="save-bar">
      <button class="button primary" disabled=${!form.dirty || form.state === 'saving'} data-testid="save">${label ?? t('save')}</button>
      <span class=${`save-state ${mood}`} role="status" data-testid="save-state">${mood === 'good' && html`<${Icon} name="check" size=${16} />`}${words && t(words)}</span>
      <span class="end">${children}</span>
    </div>`;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
