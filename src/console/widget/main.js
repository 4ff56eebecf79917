// The customer widget: a custom element on the page of a customer's site.
//
// Everything lives in a shadow root, so that neither page nor widget restyles the other.

import { html, render } from './shared/ui.js';
import { bestLanguage, browserLanguages, translator } from './shared/language.js';
import { Chat } from './chat.js';
import { Introduction } from './introduction.js';
import { keepPlaced } from './placement.js';
import { App } from './app.js';
import { applyColour } from './colour.js';
import { styles } from './styles.js';
import { words } from './words.js';

class FrontdeskWidget extends HTMLElement {
  connectedCallback() {
    // A copy that a router kept of an earlier page: the living element is put back beside it.
    if (!this.chat) {
      this.remove();
      return;
    }
    if (this.shadowRoot) {
      this.chat.putBack();
      return;
    }
    const root = this.attachShadow({ mode: 'open' });
    adopt(root);
    this.chat.subscribe(() => this.#draw(root));
    this.#draw(root);
    this.chat.start();
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

/** Puts the widget on the page, and keeps it there. Gives what `window.Frontdesk` offers to the page. */
export function mount({ base, language, tag }) {
  if (!customElements.get('frontdesk-widget')) customElements.define('frontdesk-widget', FrontdeskWidget);
  const chat = new Chat({ base, inbox: tag.inbox, introduction: Introduction.of(tag.about) });
  const element = document.createElement('frontdesk-widget');
  Object.assign(element, { chat, language });
  keepPlaced(element);
  const tags = new Tags(tag);
  return {
    /** Opens and shuts the panel. */
    open: () => chat.show(true),
    close: () => chat.show(false),
    /** Says who the visitor is, without proof: `{name, email}`. */
    introduce: ({ name, email } = {}) => chat.introduce(Introduction.of({ name, email }), 'script'),
    /** Says who the visitor is, with the proof of the site's server: `{jwt}`, or `{id, hash, name, email}`. */
    identify: (proof) => identify(chat, Introduction.of(proof)),
    /** The visitor signed out: the next one begins with nothing. */
    reset: () => chat.reset(),
    /** Another script tag ran; for the loader. */
    tagged: (next) => tags.counts(next) && chat.introduce(Introduction.of(next.about), 'tag'),
  };
}

// What proves nothing must not make the visitor another person.
function identify(chat, introduction) {
  if (introduction.proves) return chat.introduce(introduction, 'script');
  return console.warn('Frontdesk: identify needs { jwt } with a subject, or { id, hash }; the call is left out.');
}

/**
 * Which script tag counts. Of several in one page the first; after a change of the page without a reload, as routers
 * make it, the next one that runs.
 */
class Tags {
  constructor(tag) {
    this.#take(tag);
  }

  counts(next) {
    if (next.inbox !== this.tag.inbox) {
      console.warn(`Frontdesk: this page shows the inbox ${this.tag.inbox} already; the tag of the inbox ${next.inbox} is left out.`);
      return false;
    }
    if (this.address === address() && this.tag.script.isConnected) return false;
    this.#take(next);
    return true;
  }

  #take(tag) {
    Object.assign(this, { tag, address: address() });
  }
}

const address = () => location.href.split('#')[0];

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
