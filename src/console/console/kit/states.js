// What stands on a page while there is nothing else: loading, failed, missing, empty.

import { html } from '../shared/ui.js';
import { Icon } from '../shared/icons.js';
import { mayPass } from '../shared/refusals.js';
import { useConsole } from '../shell/context.js';
import { problemWords } from './problem.js';

/** The content of `listing` by `children(items)`, or why there is none. */
export function Loaded({ listing, children }) {
  const { t } = useConsole();
  if (listing.items) {
    return html`
      ${listing.state === 'failed' && html`<p class="form-error" role="status"><${Icon} name="alert" size=${18} /><span>${t('load_failed')} ${refusal(listing.problem, t)}
        <button class="link" onClick=${() => listing.load()}>${t('retry')}</button></span></p>`}
      ${children(listing.items)}`;
  }
  return listing.state === 'failed' ? html`<${Failed} problem=${listing.problem} onRetry=${() => listing.load()} />` : html`<${Loading} />`;
}

export function Loading() {
  const { t } = useConsole();
  return html`
    <div class="page-skeleton" role="status" aria-label=${t('loading')}>
      ${[0, 1, 2].map((line) => html`<div key=${line}><i></i><i></i></div>`)}</div>`;
}

/** What was refused, and is not worth repeating as it is, in words; nothing for what passes. */
const refusal = (problem, t) => (problem?.code && !mayPass(problem) ? problemWords(problem, t) : null);

export function Failed({ problem, onRetry }) {
  const { t } = useConsole();
  return html`
    <div class="empty" role="alert" data-testid="load-failed"><span class="empty-icon"><${Icon} name="alert" size=${28} /></span>
      <p><strong>${t('load_failed')}</strong></p><p class="muted">${refusal(problem, t) ?? t('load_failed_hint')}</p>
      <button class="button" onClick=${onRetry}>${t('retry')}</button></div>`;
}

/** The address names a thing that is not there. */
export function Missing() {
  const { t } = useConsole();
  return html`<div class="empty" data-testid="missing"><span class="empty-icon"><${Icon} name="search" size=${28} /></span><p>${t('not_there')}</p></div>`;
}

export const Empty = ({ icon, title, hint, children = null }) => html`
  <div class="empty" data-testid="empty"><span class="empty-icon"><${Icon} name=${icon} size=${28} /></span>
    <p><strong>${title}</strong></p><p class="muted">${hint}</p>${children}</div>`;
