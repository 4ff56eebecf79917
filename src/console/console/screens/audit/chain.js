// Whether the trail still is what was written: each entry carries the hash of the one before it.

import { html, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { problemWords } from '../../kit/problem.js';
import { useDesk } from '../../shell/context.js';

export function Chain() {
  const { workspace, t } = useDesk();
  const [check, setCheck] = useState({ state: 'never' });
  const begin = async () => {
    setCheck({ state: 'running' });
    try {
      setCheck({ state: 'done', report: await workspace.api.get('audit/chain') });
    } catch (problem) {
      setCheck({ state: 'failed', words: problemWords(problem, t) });
    }
  };
  const { state, report } = check;
  const sound = report && report.faults === 0;
  const mood = state === 'done' ? (sound ? 'good' : 'bad') : '';
  return html`
    <section class=${`card chain ${mood}`} aria-label=${t('chain')} aria-busy=${state === 'running'} data-testid="chain" data-state=${state}>
      <header class="card-head"><h2>${t('chain')}</h2>
        <button class="button small" disabled=${state === 'running'} onClick=${begin} data-testid="check-chain">${t(state === 'running' ? 'chain_checking' : 'chain_check')}</button></header>
      <p class=${state === 'done' ? 'chain-verdict' : 'muted'} role="status">
        ${state === 'done' && html`<${Icon} name=${sound ? 'done' : 'alert'} />`}
        <span>${state === 'never' || state === 'running' ? t('chain_hint') : state === 'failed' ? check.words : sound ? t('chain_sound', { n: report.entries }) : t('chain_broken', { n: report.faults, number: report.first_fault?.number ?? '?' })}</span></p>
      ${state === 'done' && !sound && report.first_fault && html`<p class="muted" lang="en">${report.first_fault.detail}</p>`}
      ${state === 'done' && report.head > 0 && html`<p class="muted chain-head">${t('chain_head', { number: report.head })} <code data-testid="chain-hash">${report.hash}</code></p>`}
    </section>`;
}
