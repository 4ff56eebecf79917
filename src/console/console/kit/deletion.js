// The button that deletes a thing, with the question before it.

import { html, useState } from '../shared/ui.js';
import { useConsole } from '../shell/context.js';
import { Confirm } from './dialog.js';
import { problemWords } from './problem.js';

/**
 * `path`: the address of the thing for the server. `done()` is called when it is gone, before the list `up` is shown.
 */
export function Deletion({ label, title, hint, path, up, done }) {
  const { workspace, t } = useConsole();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const remove = async () => {
    setBusy(true);
    try {
      await workspace.api.remove(path);
      done();
      workspace.router.go(up);
    } catch (refused) {
      setProblem(problemWords(refused, t));
      setBusy(false);
    }
  };
  const ask = (on) => {
    setAsking(on);
    setProblem(null);
  };
  return html`
    <button type="button" class="button quiet-danger" onClick=${() => ask(true)} data-testid="delete">${label}</button>
    ${asking && html`<${Confirm} title=${title} hint=${hint} action=${label} busy=${busy} problem=${problem} onConfirm=${remove} onCancel=${() => ask(false)} />`}`;
}
