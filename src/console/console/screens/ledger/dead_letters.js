// Records that were accepted and could not be filed, and what can be done about them.

import { html, useEffect, useRef, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { ago } from '../../shared/time.js';
import { useDesk } from '../../shell/context.js';

export function DeadLetters({ ledger }) {
  const { t } = useDesk();
  const { deadLetters } = ledger;
  return html`
    <section class="ledger-card" aria-label=${t('dead_letters')} data-testid="dead-letters">
      <h2>${t('dead_letters')}</h2>
      <p class="muted">${deadLetters.length ? t('dead_letters_hint') : t('dead_letters_none')}</p>
      ${deadLetters.length > 0 && html`
        <ul class="dead-letters">${deadLetters.map((deadLetter) => html`<${DeadLetter} key=${deadLetter.id} ledger=${ledger} deadLetter=${deadLetter} />`)}</ul>`}
      ${ledger.moreDeadLetters && html`<p class="muted">${t('dead_letters_more')}</p>`}
    </section>`;
}

function DeadLetter({ ledger, deadLetter }) {
  const { workspace, t, language } = useDesk();
  const [asking, setAsking] = useState(null);
  const busy = ledger.busy.has(deadLetter.id);
  const say = (words, values) => workspace.toasts.show(t(words, values), 'dead-letter');

  const redeliver = () =>
    ledger.redeliver(deadLetter.id).then((filed) => say(filed ? 'dead_letter_filed' : 'dead_letter_failed_again'), () => say('dead_letter_not_tried'));
  const drop = (force) => {
    setAsking(null);
    ledger.drop(deadLetter.id, force).then(() => say('dead_letter_dropped'), (problem) => {
      if (problem.code === 'leaves_a_hole') setAsking('hole');
      else say('dead_letter_not_dropped');
    });
  };

  return html`
    <li class="dead-letter" aria-busy=${busy} data-testid="dead-letter">
      <div class="dead-letter-words">
        <span><strong>${title(t, deadLetter)}</strong>
          <span class="muted"> · ${ago(deadLetter.dead_lettered_at, language, workspace.desk.connection.now)}</span></span>
        <span class="muted dead-letter-reason" lang="en">${deadLetter.reason}</span>
        ${deadLetter.redeliveries > 0 && html`<span class="muted">${t('dead_letter_tried', { n: deadLetter.redeliveries })}</span>`}
      </div>
      <div class="dead-letter-actions">
        ${deadLetter.conversation && html`<button class="link" onClick=${() => workspace.router.go(`conversations/${deadLetter.conversation}`)}>${t('finding_open')}</button>`}
        ${KINDS.has(deadLetter.kind) && html`<button class="button small" disabled=${busy} onClick=${redeliver} data-testid="redeliver">${t('dead_letter_redeliver')}</button>`}
        ${workspace.may('administer') && html`<button class="button small" disabled=${busy} onClick=${() => setAsking('drop')} data-testid="drop">${t('dead_letter_drop')}</button>`}
      </div>
      ${asking && html`<${Confirm} hole=${asking === 'hole'} onCancel=${() => setAsking(null)} onDrop=${() => drop(asking === 'hole')} />`}
    </li>`;
}

/** What kind of record it is, with the number of an entry. */
function title(t, { kind, seq }) {
  if (kind === 'entry') return t('dead_letter_seq', { seq: seq ?? '?' });
  return KINDS.has(kind) ? t(`dead_letter_${kind}`) : t('dead_letter_unknown', { kind });
}

/** Kinds that this version knows; others can only be looked at and dropped. */
const KINDS = new Set(['entry', 'acknowledgement', 'inbound_message', 'outbound_message', 'event', 'ticket_event', 'other']);

/** Nothing is dropped by one click. What may be an accepted entry is dropped only after a second question says so. */
function Confirm({ hole, onCancel, onDrop }) {
  const { t } = useDesk();
  const dialog = useRef(null);
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  return html`
    <dialog class="help" ref=${dialog} onClose=${onCancel} aria-label=${t('dead_letter_drop')} data-testid="confirm-drop">
      <div class="help-card confirm">
        <h2><${Icon} name="alert" />${t(hole ? 'drop_hole_title' : 'drop_title')}</h2>
        <p>${t(hole ? 'drop_hole_hint' : 'drop_hint')}</p>
        <footer><button class="button" autofocus onClick=${onCancel}>${t('cancel')}</button>
          <button class="button danger" onClick=${onDrop} data-testid="confirm">${t(hole ? 'drop_anyway' : 'dead_letter_drop')}</button></footer>
      </div>
    </dialog>`;
}
