// The launcher in the corner, and the panel that it opens.

import { html, useEffect, useObservable, useRef } from './shared/ui.js';
import { Icon } from './shared/icons.js';
import { Panel } from './panel.js';

export function App({ chat, t, language, host }) {
  useObservable(chat);
  const launcher = useRef(null);
  const { shown, unread } = chat;

  useEffect(() => keepAboveKeyboard(host), []);

  const toggle = () => chat.show(!shown);
  const close = () => {
    chat.show(false);
    launcher.current?.focus();
  };
  const label = shown ? t('close') : unread ? t('open_unread', { n: unread }) : t('open');
  return html`
    <div class="widget" data-shown=${String(shown)}>
      ${shown && html`<${Panel} key=${chat.visitor.generation} chat=${chat} t=${t} language=${language} onClose=${close} />`}
      <button class="launcher" ref=${launcher} aria-label=${label} aria-expanded=${shown} data-testid="widget-launcher" onClick=${toggle}>
        <${Icon} name=${shown ? 'down' : 'chat'} size=${26} />
        ${!shown && unread > 0 && html`<span class="badge">${unread > 9 ? '9+' : unread}</span>`}
      </button>
    </div>`;
}

// On a phone the on-screen keyboard covers the page; the panel shrinks to what can still be seen.
function keepAboveKeyboard(host) {
  const view = window.visualViewport;
  if (!view) return undefined;
  const measure = () => host.style.setProperty('--visible-height', `${Math.round(view.height)}px`);
  measure();
  view.addEventListener('resize', measure);
  return () => view.removeEventListener('resize', measure);
}
