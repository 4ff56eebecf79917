// Entries of the trail, day by day.

import { html, Fragment } from '../../shared/ui.js';
import { clockTime, dayName, dayOf, fullTime } from '../../shared/time.js';
import { useDesk } from '../../shell/context.js';
import { actWords } from './filters.js';
import { fieldWords, readable } from './values.js';

export function Entries({ listing, agents }) {
  const { t, language } = useDesk();
  const nameOf = namesOf(agents, t, useDesk().workspace.directory);
  return html`
    <ol class="things audit" data-testid="things">
      ${listing.items.map((entry, i) => html`
        <${Fragment} key=${entry.number}>
          ${(i === 0 || dayOf(listing.items[i - 1].at) !== dayOf(entry.at)) && html`<li class="audit-day">${dayName(entry.at, language)}</li>`}
          <${Entry} entry=${entry} nameOf=${nameOf} />
        <//>`)}
    </ol>
    ${listing.hasMore && html`<button class="link more" disabled=${listing.loadingMore} onClick=${() => listing.more()} data-testid="more">
      ${t(listing.loadingMore ? 'loading' : 'load_more')}</button>`}`;
}

function Entry({ entry, nameOf }) {
  const { t, language } = useDesk();
  const { number, at, actor, act, object, changes, hash } = entry;
  const self = actor.kind === object.kind && actor.id === object.id;
  return html`
    <li class="audit-entry" data-testid="audit-entry" data-act=${act}>
      <time class="muted" title=${fullTime(at, language)}>${clockTime(at, language)}</time>
      <div class="audit-words">
        <p><bdi>${nameOf(actor)}</bdi> · <strong>${actWords(act, t)}</strong>${!self && html` · <bdi>${nameOf(object)}</bdi>`}</p>
        ${changes.length > 0 && html`
          <dl class="audit-changes">${changes.map(({ field, before, after }) => html`
            <div key=${field}><dt>${fieldWords(object.kind, field, t)}</dt><dd>${valueWords(
              ...[before, after].map((value) => value === null ? null : readable(field, value, nameOf, t)), t,
            )}</dd></div>`)}</dl>`}
      </div>
      <details class="audit-proof"><summary class="muted">#${number}</summary><code>${hash}</code></details>
    </li>`;
}

function valueWords(before, after, t) {
  if (before === null && after === null) return html`<span class="muted">${t('secret_changed')}</span>`;
  if (before === null) return html`<bdi>${after}</bdi>`;
  const now = after === null ? html`<span class="muted">${t('removed')}</span>` : html`<ins><bdi>${after}</bdi></ins>`;
  return html`<del><bdi>${before}</bdi></del> <span aria-hidden="true">→</span> ${now}`;
}

/** Names for agents and inboxes that are known, else the kind and what tells it apart. */
function namesOf(agents, t, directory) {
  const names = new Map((agents.items ?? []).map(({ id, name }) => [id, name]));
  return ({ kind, id }) => {
    const known = (kind === 'agent' && names.get(id)) || (kind === 'inbox' && directory.inbox(id)?.name);
    if (known) return known;
    const words = t(`kind_of_${kind}`);
    return `${words === `kind_of_${kind}` ? kind : words}${id ? ` ${id.length > 20 ? id.slice(-8) : id}` : ''}`;
  };
}
