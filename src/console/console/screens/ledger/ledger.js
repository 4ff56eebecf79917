// The ledger, for those who lead: what was accepted, what the database holds, and what a check of everything found.

import { html, useEffect, useObservable, useState, useTicking } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { mayPass } from '../../shared/refusals.js';
import { ago } from '../../shared/time.js';
import { problemWords } from '../../kit/problem.js';
import { useDesk } from '../../shell/context.js';
import { ConnectionBanner, ConnectionState } from '../../shell/connection_state.js';
import { DeadLetters } from './dead_letters.js';
import { Ledger } from './store.js';

/** Always shown, also when there is none of them. */
const PROMISED = ['missing', 'duplicated', 'misordered'];
const MARKS = { good: 'done', slow: 'clock', stale: 'clock', bad: 'alert' };
/** What waits for longer than this is worth a word. */
const SLOW_MS = 5_000;

export function LedgerPane() {
  const { workspace, t } = useDesk();
  const [ledger] = useState(() => workspace.store('ledger', () => new Ledger(workspace.api)));
  useObservable(ledger);
  useEffect(() => ledger.watch(), [ledger]);
  useTicking(1_000);
  return html`
    <main class="page ledger" aria-label=${t('ledger')} data-testid="ledger">
      <header class="ledger-head"><h1>${t('ledger')}</h1><${ConnectionState} /></header>
      <${ConnectionBanner} />
      <div class="ledger-body">
        ${ledger.figures ? html`<${Figures} ledger=${ledger} />` : html`<${Nothing} ledger=${ledger} />`}
      </div>
    </main>`;
}

function Nothing({ ledger }) {
  const { t } = useDesk();
  if (ledger.state !== 'failed') return html`<div class="ledger-card skeleton" aria-hidden="true"><i></i><i></i></div>`;
  const hint = mayPass(ledger.problem) ? t('ledger_failed_hint') : problemWords(ledger.problem, t);
  return html`
    <div class="empty" role="alert"><span class="empty-icon"><${Icon} name="alert" size=${28} /></span>
      <p><strong>${t('ledger_failed')}</strong></p><p class="muted" data-testid="ledger-problem">${hint}</p>
      <button class="button" onClick=${() => ledger.look()}>${t('retry')}</button></div>`;
}

function Figures({ ledger }) {
  const { t, workspace } = useDesk();
  const { figures } = ledger;
  return html`
    ${ledger.state === 'failed' && html`<p class="ledger-stale" role="status" data-testid="ledger-problem"><${Icon} name="alert" size=${18} />${mayPass(ledger.problem) ? t('ledger_stale') : problemWords(ledger.problem, t)}</p>`}
    <${Verdict} ledger=${ledger} />
    <dl class="ledger-figures">
      <${Figure} name="accepted" value=${figures.accepted} />
      <${Figure} name="persisted" value=${figures.persisted} />
      <${Figure} name="unpersisted" value=${figures.unpersisted} hint=${waitingHint(figures, t)} />
    </dl>
    <${Check} ledger=${ledger} />
    <${Repairs} repairs=${figures.repairs} />
    ${ledger.deadLetters && workspace.may('handle_dead_letters') && html`<${DeadLetters} ledger=${ledger} />`}`;
}

/** One line that says it all. */
function Verdict({ ledger }) {
  const { t, language } = useDesk();
  const { figures, deadLetters } = ledger;
  const found = total(figures.check?.found);
  const [mood, words] =
    ledger.state === 'failed' ? ['stale', 'verdict_stale']
    : found > 0 ? ['bad', 'verdict_found']
    : deadLetters?.length ? ['bad', 'verdict_dead_letters']
    : figures.unpersisted > 0 && figures.oldest_unpersisted_ms > SLOW_MS ? ['slow', 'verdict_slow']
    : ['good', 'verdict_good'];
  const numbers = { accepted: number(figures.accepted, language), persisted: number(figures.persisted, language), n: found, found: number(found, language) };
  const missing = figures.check?.found?.missing;
  return html`
    <section class=${`ledger-verdict ${mood}`} role="status" data-testid="ledger-verdict">
      <span class="ledger-mark"><${Icon} name=${MARKS[mood]} size=${28} /></span>
      <div><h2>${t(words, numbers)}</h2>
        <p class="muted">${t('verdict_numbers', numbers)}${missing === undefined ? '' : t('verdict_missing', { missing: number(missing, language) })}</p></div>
    </section>`;
}

function Figure({ name, value, hint }) {
  const { t, language } = useDesk();
  return html`
    <div class="ledger-card ledger-figure"><dt>${t(`figure_${name}`)}</dt>
      <dd data-testid=${`ledger-${name}`}>${number(value, language)}</dd><dd class="muted">${hint ?? t(`figure_${name}_hint`)}</dd></div>`;
}

function waitingHint({ unpersisted, oldest_unpersisted_ms: oldest }, t) {
  return unpersisted > 0 && oldest !== null ? t('figure_oldest', { seconds: (oldest / 1000).toFixed(oldest < 10_000 ? 1 : 0) }) : undefined;
}

function Check({ ledger }) {
  const { t, language, workspace } = useDesk();
  const { check } = ledger.figures;
  const { checking, beginning, refused } = ledger;
  const wait = refused ? Math.ceil((refused.until - Date.now()) / 1000) : 0;
  return html`
    <section class="ledger-card" aria-label=${t('check')} aria-busy=${checking} data-testid="ledger-check" data-state=${check?.state ?? 'never'}>
      <header class="ledger-card-head"><h2>${t('check')}</h2>
        <button class="button small primary" disabled=${checking || beginning} data-testid="ledger-check-now" onClick=${() => ledger.check()}>
          ${t(checking ? 'checking' : 'check_now')}</button></header>
      <p class="muted" role="status">${checkLine(check, t, language, workspace.desk.connection.now)}</p>
      ${checking && html`<div class="ledger-progress" aria-hidden="true"></div>`}
      ${wait > 0 && html`<p class="ledger-wait" role="alert">${refused.code === 'rate_limited' ? t('check_wait', { seconds: wait }) : t('check_refused')}</p>`}
      ${check?.state === 'done' && html`<${Found} found=${check.found} findings=${check.findings} />`}
    </section>`;
}

function checkLine(check, t, language, now) {
  if (!check) return t('check_never');
  const { logged, conversations, entries, states } = check.looked_at;
  const counts = { logged: number(logged, language), conversations: number(conversations, language), entries: number(entries, language), states: number(states, language) };
  if (check.state === 'running') return t('check_running', counts);
  const when = { when: ago(check.ended_at, language, now) };
  return check.state === 'failed' ? t('check_failed', when) : t('check_done', { ...counts, ...when });
}

function Found({ found, findings }) {
  const { t, language, workspace } = useDesk();
  const shown = [...PROMISED, ...Object.keys(found).filter((name) => !PROMISED.includes(name) && found[name] > 0)];
  return html`
    <ul class="ledger-found">
      ${shown.map((name) => html`
        <li key=${name} class=${found[name] > 0 ? 'bad' : 'good'} data-testid=${`found-${name}`}>
          <${Icon} name=${found[name] > 0 ? 'alert' : 'check'} size=${16} />${t(`anomaly_${name}`)} <strong>${number(found[name] ?? 0, language)}</strong></li>`)}
    </ul>
    ${findings.length > 0 && html`
      <ul class="ledger-findings" aria-label=${t('findings')}>
        ${findings.map((finding, index) => html`
          <li key=${index}><span>${t(`anomaly_${finding.anomaly}`)} · ${t('finding_seq', { seq: finding.seq })}</span>
            <span class="muted finding-why" lang="en">${finding.why}</span>
            ${finding.conversation && html`<button class="link" onClick=${() => workspace.router.go(`conversations/${finding.conversation}`)}>${t('finding_open')}</button>`}</li>`)}
      </ul>
      <p class="muted">${t('findings_hint')}</p>`}`;
}

function Repairs({ repairs }) {
  const { t, language, workspace } = useDesk();
  const { entries, acknowledgements, last_at: at } = repairs;
  const done = entries + acknowledgements > 0;
  return html`
    <section class="ledger-card" aria-label=${t('repairs')} data-testid="ledger-repairs">
      <h2>${t('repairs')}</h2>
      <p class="muted">${done ? t('repairs_last', { when: ago(at, language, workspace.desk.connection.now) }) : t('repairs_none')}</p>
      ${done && html`
        <dl class="ledger-pairs">
          <div><dt>${t('repairs_entries')}</dt><dd>${number(entries, language)}</dd></div>
          <div><dt>${t('repairs_acknowledgements')}</dt><dd>${number(acknowledgements, language)}</dd></div>
        </dl>`}
    </section>`;
}

const number = (value, language) => new Intl.NumberFormat(language).format(value);
const total = (found) => Object.values(found ?? {}).reduce((sum, count) => sum + count, 0);
