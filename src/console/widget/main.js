// The customer widget: a custom element on the page of a customer's site.
//
// Everything lives in a shadow root, so that neither page nor widget restyles the other.

import { html, render } from './shared/ui.js';
import { bestLanguage, browserLanguages, translator } from './shared/language.js';
import { Chat } from './chat.js';
import { App } from './app.js';
import { applyColour } from './colour.js';
import { styles } from './styles.js';
import { words } from './words.js';

class FrontdeskWidget extends HTMLElement {
  connectedCallback() {
    if (!this.chat) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    adopt(root);
    this.unsubscribe = this.chat.subscribe(() => this.#draw(root));
    this.#draw(root);
    this.chat.start();
  }

  disconnectedCallback() {
    if (!this.chat) return;
    this.unsubscribe();
    this.drawn = null;
    this.chat.stop();
    render(null, this.shadowRoot);
  }

  // Again only when the tenant set another language or colour: the page's own choice comes first, then the tenant's.
  #draw(root) {
    const { colour, language: ofTenant } = this.chat.settings;
    const language = bestLanguage([this.language, ofTenant, ...browserLanguages()]);
    const wanted = `${language} ${colour ?? ''}`;
    if (this.drawn === wanted) return;
    this.drawn = wanted;
    this.lang = language;
    applyColour(this, colour);
    render(html`<${App} chat=${this.chat} t=${translator(language, words)} language=${language} host=${this} />`, root);
  }
}

/** Puts the widget on the page. */
export function mount({ base, inbox, language, about }) {
  if (!customElements.get('frontdesk-widget')) customElements.define('frontdesk-widget', FrontdeskWidget);
  const element = document.createElement('frontdesk-widget');
  element.chat = new Chat({ base, inbox, about });
  element.language = language;
  const place = () => document.body.append(element);
  if (document.body) place();
  else addEventListener('DOMContentLoaded', place, { once: true });
}

// A constructed sheet is allowed under any content security policy; a style element is not.
function adopt(root) {
  if (!('adoptedStyleSheets' in root)) {
    root.append(Object.assign(document.createElement('style'), { textContent: styles }));
    return;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
}
