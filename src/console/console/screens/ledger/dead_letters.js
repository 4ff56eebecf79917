// Records that were accepted and could not be filed, and what can be done about them.

import { html, useEffect, useRef, useState } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { ago } from '../../shared/time.js';
import { useDesk } from '../../shell/context.js';

export function DeadLetters({ ledger }) {
  const { t } = useDesk();
  const { letters } = ledger;
  return html`
    <section class="ledger-card" aria-label=${t('letters')} data-testid="dead-letters">
      <h2>${t('letters')}</h2>
      <p class="muted">${letters.length ? t('letters_hint') : t('letters_none')}</p>
      ${letters.length > 0 && html`
        <ul class="letters">${letters.map((letter) => html`<${Letter} key=${letter.id} ledger=${ledger} letter=${letter} />`)}</ul>`}
      ${ledger.moreLetters && html`<p class="muted">${t('letters_more')}</p>`}
    </section>`;
}

function Letter({ ledger, letter }) {
  const { workspace, t, language } = useDesk();
  const [asking, setAsking] = useState(null);
  const busy = ledger.busy.has(letter.id);
  const say = (words, values) => workspace.toasts.show(t(words, values), 'letter');

  const redeliver = () =>
    ledger.redeliver(letter.id).then((filed) => say(filed ? 'letter_filed' : 'letter_failed_again'), () => say('letter_not_tried'));
  const drop = (force) => {
    setAsking(null);
    ledger.drop(letter.id, force).then(() => say('letter_dropped'), (problem) => {
      if (problem.code === 'leaves_a_hole') setAsking('hole');
      else say('letter_not_dropped');
    });
  };

  return html`
    <li class="letter" aria-busy=${busy} data-testid="letter">
      <div class="letter-words">
        <span><strong>${t('letter_seq', { seq: letter.seq ?? '?' })}</strong>
          <span class="muted"> · ${ago(letter.parked_at, language, workspace.desk.connection.now)}</span></span>
        <span class="muted letter-reason" lang="en">${letter.reason}</span>
        ${letter.redeliveries > 0 && html`<span class="muted">${t('letter_tried', { n: letter.redeliveries })}</span>`}
      </div>
      <div class="letter-actions">
        ${letter.conversation && html`<button class="link" onClick=${() => workspace.router.go(`conversations/${letter.conversation}`)}>${t('finding_open')}</button>`}
        <button class="button small" disabled=${busy} onClick=${redeliver} data-testid="redeliver">${t('letter_redeliver')}</button>
        ${workspace.may('administer') && html`<button class="button small" disabled=${busy} onClick=${() => setAsking('drop')} data-testid="drop">${t('letter_drop')}</button>`}
      </div>
      ${asking && html`<${Confirm} hole=${asking === 'hole'} onCancel=${() => setAsking(null)} onDrop=${() => drop(asking === 'hole')} />`}
    </li>`;
}

/** Nothing is dropped by one click; and what tears a hole into a conversation, only after saying so. */
function Confirm({ hole, onCancel, onDrop }) {
  const { t } = useDesk();
  const dialog = useRef(null);
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  return html`
    <dialog class="help" ref=${dialog} onClose=${onCancel} aria-label=${t('letter_drop')} data-testid="confirm-drop">
      <div class="help-card confirm">
        <h2><${Icon} name="alert" />${t(hole ? 'drop_hole_title' : 'drop_title')}</h2>
        <p>${t(hole ? 'drop_hole_hint' : 'drop_hint')}</p>
        <footer><button class="button" autofocus onClick=${onCancel}>${t('cancel')}</button>
          <button class="button danger" onClick=${onDrop} data-testid="confirm">${t(hole ? 'drop_anyway' : 'letter_drop')}</button></footer>
      </div>
    </dialog>`;
}
