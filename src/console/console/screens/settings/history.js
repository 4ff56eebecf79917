// The versions of what was set at one scope: who changed what, and going back.

import { html, useMemo, useState } from '../../shared/ui.js';
import { fullTime } from '../../shared/time.js';
import { Confirm } from '../../kit/dialog.js';
import { Listing, useListing } from '../../kit/listing.js';
import { Page } from '../../kit/page.js';
import { problemWords } from '../../kit/problem.js';
import { Empty, Loaded } from '../../kit/states.js';
import { useDesk } from '../../shell/context.js';
import { byWords, fieldWords, valueWords } from './names.js';
import { differences } from './schema.js';

const PAGE = 50;

export function History({ scope, settings, places }) {
  const { workspace, t } = useDesk();
  const versions = useMemo(() => new Listing(async (before) => {
    const { items } = await workspace.api.get(`${scope.path}/history`, { before, limit: PAGE });
    return { items, next_cursor: items.length === PAGE ? items.at(-1).version : null };
  }), [scope]);
  useListing(versions);
  const [asking, setAsking] = useState(null);
  const place = places.find(({ id }) => id === scope.id);
  const up = scope.id ? `settings/${scope.kind}/${scope.id}` : 'settings';
  return html`
    <${Page} title=${t('history_of', { what: scope.id ? (place?.name ?? '…') : t('whole_tenant') })} up=${up} data-testid="history">
      <${Loaded} listing=${versions}>${(items) => (items.length ? html`
        <ol class="things">${items.map((version, i) => html`
          <${Version} key=${version.version} version=${version} before=${items[i + 1]} latest=${i === 0} onBack=${() => setAsking(version)} />`)}</ol>
        ${versions.hasMore && html`<button class="link more" onClick=${() => versions.more()}>${t('load_more')}</button>`}`
        : html`<${Empty} icon="clock" title=${t('never_set')} hint=${t('never_set_hint')} />`)}<//>
      ${asking && html`<${Restoring} version=${asking} settings=${settings} versions=${versions} onEnd=${() => setAsking(null)} />`}
    <//>`;
}

function Version({ version, before, latest, onBack }) {
  const { workspace, t, language } = useDesk();
  // The oldest version on this page can only be compared once the one before it is there.
  const changes = before || version.version === 1 ? differences(before?.document, version.document) : null;
  return html`
    <li class="version" data-testid="version-entry" data-version=${version.version}>
      <div class="thing-words">
        <span><strong>${t('version', { version: version.version })}</strong>${latest && html` <span class="chip good">${t('present')}</span>`}
          ${version.restored_from && html` <span class="chip">${t('restored_from', { version: version.restored_from })}</span>`}</span>
        <span class="muted"><bdi>${byWords(version.by, workspace, t)}</bdi> · ${fullTime(version.at, language)}</span>
        ${changes && html`<dl class="version-changes">${changes.map(({ path, before: old, after }) => html`
          <div key=${path}><dt>${fieldWords(path, t)}</dt><dd><del><bdi>${valueWords(old, t, path)}</bdi></del> → <ins><bdi>${valueWords(after, t, path)}</bdi></ins></dd></div>`)}</dl>`}
      </div>
      ${!latest && html`<button class="button small" onClick=${onBack} data-testid=${`back-to-${version.version}`}>${t('go_back')}</button>`}
    </li>`;
}

function Restoring({ version, settings, versions, onEnd }) {
  const { t } = useDesk();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const restore = async () => {
    setBusy(true);
    try {
      await settings.restore(version.version);
      onEnd();
    } catch (refused) {
      setProblem(problemWords(refused, t));
      setBusy(false);
      settings.load();
    }
    versions.load();
  };
  return html`<${Confirm} title=${t('go_back_title', { version: version.version })} hint=${t('go_back_hint')} action=${t('go_back')} busy=${busy} problem=${problem}
    onConfirm=${restore} onCancel=${onEnd} />`;
}
