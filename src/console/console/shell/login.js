// Signing in.

import { html, useContext, useState } from '../shared/ui.js';
import { SessionContext } from './context.js';
import { LanguagePicker } from './language_picker.js';
import { Icon } from '../shared/icons.js';

const WHY = { 0: 'login_unreachable', 400: 'login_wrong', 401: 'login_wrong', 422: 'login_wrong', 429: 'login_throttled' };

export function Login() {
  const session = useContext(SessionContext);
  const { t } = session;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);

  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await session.login(form.get('email').trim(), form.get('password'));
    } catch (problem) {
      setError(WHY[problem.status] ?? 'login_failed');
      setBusy(false);
    }
  };

  return html`
    <main class="sign-in">
      <form class="sign-in-card" onSubmit=${submit} aria-busy=${busy}>
        <div class="brand"><span class="brand-mark"><${Icon} name="chat" size=${22} /></span>${t('app')}</div>
        <p class="muted">${t('sign_in_hint')}</p>
        ${session.leaving && html`<p class="sign-in-notice" role="status" data-testid="login-leaving"><${Icon} name="clock" size=${18} />${t('leaving')}</p>`}
        <label>${t('email')}
          <input name="email" type="email" autocomplete="username" required autofocus data-testid="login-email" />
        </label>
        <label>${t('password')}
          <input name="password" type="password" autocomplete="current-password" required data-testid="login-password" />
        </label>
        <p class="error" role="alert" data-testid="login-error" hidden=${!error}>${error && t(error)}</p>
        <button class="button primary" disabled=${busy} data-testid="login-submit">${t(busy ? 'signing_in' : 'sign_in')}</button>
      </form>
      <${LanguagePicker} />
    </main>`;
}
