// The secrets by which the site of an inbox proves who its visitors are.

import { html, useState } from '../../shared/ui.js';
import { fullTime } from '../../shared/time.js';
import { Icon } from '../../shared/icons.js';
import { Confirm } from '../../kit/dialog.js';
import { Listing, useListing } from '../../kit/listing.js';
import { problemWords } from '../../kit/problem.js';
import { Loaded } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';

/** The old and the new one, while a site changes over. */
const MOST = 2;

export function Identity({ inbox }) {
  const { workspace, t } = useDesk();
  const secrets = useListing(workspace.store(`identity-secrets/${inbox.id}`, () => new Listing(() => workspace.api.get(`inboxes/${inbox.id}/identity-secrets`))));
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const secret = await workspace.api.post(`inboxes/${inbox.id}/identity-secrets`, {});
      setMade(secret);
      secrets.take({ id: secret.id, created_at: secret.created_at });
    } catch (refused) {
      setProblem(problemWords(refused, t));
    }
    setBusy(false);
  };
  const full = (secrets.items?.length ?? 0) >= MOST;
  return html`
    <section class="card" aria-label=${t('identity')} data-testid="identity-secrets">
      <header class="card-head"><h2>${t('identity')}</h2>
        <button class="button small" disabled=${busy || full || !secrets.items} onClick=${make} data-testid="new-secret"><${Icon} name="plus" size=${18} />${t('new_secret')}</button></header>
      <p class="muted">${t('identity_hint')}${full ? ` ${t('secrets_full')}` : ''}</p>
      ${problem && html`<p class="error" role="alert">${problem}</p>`}
      ${made && html`<${Made} secret=${made.secret} />`}
      <${Loaded} listing=${secrets}>${(items) => items.length > 0 && html`
        <ul class="things">${items.map((secret) => html`<${Secret} key=${secret.id} secret=${secret} onRemoved=${() => {
          secrets.drop(secret.id);
          if (made?.id === secret.id) setMade(null);
        }} />`)}</ul>`}<//>
    </section>`;
}

/** A secret that was just made: it is shown this once. */
function Made({ secret }) {
  const { t } = useDesk();
  return html`
    <p role="status"><strong>${t('secret_once')}</strong></p>
    <textarea class="snippet" readonly rows="2" aria-label=${t('secret')} value=${secret} onFocus=${(event) => event.currentTarget.select()} data-testid="secret"></textarea>
    <p class="muted">${t('secret_use')}</p>
    <textarea class="snippet" readonly rows="5" aria-label=${t('secret_use')} value=${"Frontdesk.identify({ jwt: '…' })\n// HS256: { sub: '42', exp: 1767225600, name: 'Grace', email: 'grace@shop.example' }"}
      onFocus=${(event) => event.currentTarget.select()}></textarea>`;
}

function Secret({ secret, onRemoved }) {
  const { workspace, t, language } = useDesk();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await workspace.api.remove(`identity-secrets/${secret.id}`);
      setAsking(false);
      onRemoved();
    } catch (refused) {
      setProblem(problemWords(refused, t));
      setBusy(false);
    }
  };
  const name = t('secret_of', { date: fullTime(secret.created_at, language) });
  return html`
    <li class="thing" data-testid="identity-secret"><${Icon} name="key" />
      <span class="thing-words">${name}</span>
      <button class="button small" onClick=${() => { setAsking(true); setProblem(null); }} data-testid="remove-secret">${t('remove_secret')}</button>
    ${asking && html`<${Confirm} title=${t('remove_secret_title')} hint=${t('remove_secret_hint')} action=${t('remove_secret')} busy=${busy} problem=${problem} onConfirm=${remove} onCancel=${() => setAsking(false)} />`}</li>`;
}
