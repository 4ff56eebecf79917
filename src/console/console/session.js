// Who sits at this console, and in which language.

import { Observable } from './shared/observable.js';
import { safeStorage } from './shared/storage.js';
import { bestLanguage, browserLanguages, translator } from './shared/language.js';
import { reconnectDelay } from './shared/backoff.js';
import { mayPass } from './shared/refusals.js';
import { Api } from './api.js';
import { Screens } from './screens/loading.js';
import { Workspace } from './workspace.js';
import { WORDS } from './words/words.js';

const LANGUAGE_KEY = 'frontdesk.language';
/** Some half an hour; after that the page waits until it is looked at again. */
const MOST_ATTEMPTS = 120;

export class Session extends Observable {
  /** starting, unreachable (still trying), signed_out or signed_in. */
  state = 'starting';
  workspace = null;
  storage = safeStorage();
  screens = new Screens();
  api = new Api(() => this.#leave());

  constructor() {
    super();
    this.useLanguage(bestLanguage([this.storage.get(LANGUAGE_KEY), ...browserLanguages()]));
  }

  /** Goes on where the cookie allows it; else asks to sign in. */
  async start(attempt = 0) {
    try {
      this.#enter(await this.api.refresh());
    } catch (problem) {
      if (!mayPass(problem)) return this.#leave();
      this.#set('unreachable');
      if (attempt < MOST_ATTEMPTS) setTimeout(() => this.start(attempt + 1), reconnectDelay(attempt));
      else addEventListener('focus', () => this.start(), { once: true });
    }
    return undefined;
  }

  async login(email, password) {
    this.#enter(await this.api.login(email, password));
  }

  async logout() {
    this.workspace?.close();
    await this.api.logout();
    this.#leave();
  }

  chooseLanguage(language) {
    this.storage.set(LANGUAGE_KEY, language);
    this.useLanguage(language);
    this.changed();
  }

  useLanguage(language) {
    this.language = language;
    this.t = translator(language, WORDS);
    document.documentElement.lang = language;
  }

  #enter(agent) {
    this.workspace = new Workspace({ session: this, agent });
    this.workspace.start();
    this.#set('signed_in');
  }

  #leave() {
    this.workspace?.close();
    this.workspace = null;
    document.title = 'Frontdesk';
    this.#set('signed_out');
  }

  #set(state) {
    this.state = state;
    this.changed();
  }
}
