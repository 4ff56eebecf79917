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
/** There while someone has signed out and the desk does not know it yet. All tabs of the browser see it. */
const LEAVING_KEY = 'frontdesk.leaving';

export class Session extends Observable {
  /** starting, unreachable (still trying), signed_out or signed_in. */
  state = 'starting';
  /** Signed out, but the log-in could not be ended at the desk yet. */
  leaving = false;
  workspace = null;
  storage = safeStorage();
  screens = new Screens();
  api = new Api(() => this.#leave());

  #attempt = null;

  constructor() {
    super();
    addEventListener('storage', ({ key, newValue }) => key === LEAVING_KEY && this.#heardOfLeaving(Boolean(newValue)));
    addEventListener('online', () => this.leaving && this.#finishLeaving());
    this.useLanguage(bestLanguage([this.storage.get(LANGUAGE_KEY), ...browserLanguages()]));
  }

  /** Goes on where the cookie allows it; else asks to sign in. */
  async start(attempt = 0) {
    if (this.#isLeaving()) {
      this.#leave();
      return this.#finishLeaving();
    }
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
    // The desk ends the former log-in of this browser together with this one's beginning.
    const agent = await this.api.login(email, password, () => this.storage.remove(LEAVING_KEY));
    this.leaving = false;
    this.#enter(agent);
  }

  /** Signs out here and in the other tabs at once; the desk is told now, or as soon as it can be reached. */
  logout() {
    this.storage.set(LEAVING_KEY, 'yes');
    this.#leave();
    return this.#finishLeaving();
  }

  /** Ends the log-in at the desk, however long it takes. Until then nothing goes on by the cookie. */
  async #finishLeaving(attempt = 0) {
    clearTimeout(this.#attempt);
    try {
      await this.api.logout(() => this.#isLeaving());
    } catch (problem) {
      if (mayPass(problem)) {
        this.leaving = true;
        this.changed();
        this.#attempt = setTimeout(() => this.#finishLeaving(attempt + 1), reconnectDelay(attempt));
        return;
      }
    }
    this.storage.remove(LEAVING_KEY);
    this.leaving = false;
    this.changed();
  }

  #isLeaving() {
    return Boolean(this.storage.get(LEAVING_KEY));
  }

  /** Another tab signed out, or the desk was told of it there. */
  #heardOfLeaving(leaving) {
    if (leaving) return this.#leave();
    this.leaving = false;
    return this.changed();
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
    this.api.forget();
    document.title = 'Frontdesk';
    this.#set('signed_out');
  }

  #set(state) {
    this.state = state;
    this.changed();
  }
}
