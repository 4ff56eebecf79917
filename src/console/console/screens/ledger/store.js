// The ledger of the tenant: whether everything that was accepted is there. Requested while the page is open.

import { Observable } from '../../shared/observable.js';
import { mayPass } from '../../shared/refusals.js';

const LOOK_MS = 5_000;
const LOOK_WHILE_CHECKING_MS = 1_000;

export class Ledger extends Observable {
  /** loading, ready or failed. What was known before stays on screen while asking again fails. */
  state = 'loading';
  /** Why the last look failed. What does not pass by itself is not repeated. */
  problem = null;
  figures = null;
  deadLetters = null;
  moreDeadLetters = false;
  /** Why the last check was not begun, and until when that stands: {code, until}. */
  refused = null;
  beginning = false;
  /** Ids of dead letters with which something is under way. */
  busy = new Set();
  #api;
  #timer = null;
  #looking = false;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** Looks until the returned function is called. */
  watch() {
    const look = () => document.visibilityState === 'visible' && this.look();
    document.addEventListener('visibilitychange', look);
    this.#looking = true;
    this.look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      this.#looking = false;
      clearTimeout(this.#timer);
    };
  }

  get checking() {
    return this.figures?.check?.state === 'running';
  }

  async look() {
    clearTimeout(this.#timer);
    try {
      const [figures, deadLetters] = await Promise.all([this.#api.get('ledger'), this.#api.get('dead-letters', { limit: 50 }).catch(none)]);
      Object.assign(this, { figures, deadLetters: deadLetters.items, moreDeadLetters: Boolean(deadLetters.next_cursor), state: 'ready', problem: null });
    } catch (problem) {
      Object.assign(this, { state: 'failed', problem });
    }
    this.changed();
    clearTimeout(this.#timer);
    if (this.#looking && !(this.problem && !mayPass(this.problem))) this.#timer = setTimeout(() => this.#lookIfSeen(), this.checking ? LOOK_WHILE_CHECKING_MS : LOOK_MS);
  }

  async check() {
    if (this.beginning || this.checking) return;
    Object.assign(this, { beginning: true, refused: null });
    this.changed();
    try {
      this.figures = await this.#api.post('ledger/checks', {});
    } catch (problem) {
      this.refused = { code: problem.code, until: Date.now() + (problem.retryAfterMs ?? 5_000) };
    }
    this.beginning = false;
    this.look();
  }

  /** Tries again to file a dead letter; gives whether it is filed now. */
  redeliver(id) {
    return this.#with(id, async () => (await this.#api.post(`dead-letters/${id}/redeliver`, {})).outcome === 'settled');
  }

  drop(id, force) {
    return this.#with(id, () => this.#api.remove(`dead-letters/${id}`, force ? { force: true } : {}));
  }

  async #with(id, action) {
    this.busy.add(id);
    this.changed();
    try {
      return await action();
    } finally {
      this.busy.delete(id);
      this.look();
    }
  }

  #lookIfSeen() {
    if (document.visibilityState === 'visible') this.look();
  }
}

// A desk that cannot say has none to show.
const none = () => ({ items: null, next_cursor: null });
