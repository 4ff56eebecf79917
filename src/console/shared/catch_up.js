// Catching up with all conversations from one cursor: after each connect, and now and then, since what is told live may
// be lost.
//
// `feed{cursor}` is answered by the newest rows of what changed since, page by page. The cursor is kept while there is
// no connection, however long that is. Without one, the present one is asked for first and the lists are read after
// that.

import { Observable } from './observable.js';

const EVERY_MS = 60_000;
const BEHIND_MS = 2_000;
const RESET_MS = 500;
const ANSWER_DUE_MS = 15_000;

export class CatchUp extends Observable {
  /** Whether what happened while we were away may still be missing. */
  active = false;
  #cursor = null;
  #timer = null;
  #waits = 0;

  /** `send(frame)` says whether it was sent; `take(rows)` takes rows in; `reload()` reads the lists anew. */
  constructor({ send, take, reload, random = Math.random, later = (action, ms) => setTimeout(action, ms) }) {
    super();
    Object.assign(this, { send, take, reload, random, later });
  }

  /** A connection began. */
  online() {
    this.#set(this.#cursor !== null);
    this.#waits = 0;
    this.#ask();
  }

  /** There is no connection. */
  offline() {
    clearTimeout(this.#timer);
    this.#set(false);
  }

  /** Takes a `feed` frame, asked for or not. */
  receive({ conversations, cursor, more, reset, behind }) {
    const begins = cursor && (reset || this.#cursor === null);
    this.#cursor = cursor ?? this.#cursor;
    if (conversations.length) this.take(conversations);
    if (begins) this.reload();
    // Of what was logged before a cursor was made, some may have reached the database after it.
    if (reset) return this.#askIn(RESET_MS);
    if (more || begins) return this.#ask();
    this.#set(behind);
    this.#waits = behind ? this.#waits + 1 : 0;
    if (!behind) return this.#askIn(EVERY_MS, 0.2);
    return this.#askIn(Math.min(EVERY_MS, BEHIND_MS * 2 ** Math.min(this.#waits - 1, 5)));
  }

  /** Takes an `error` that is about no conversation. */
  refused(code) {
    // During an upgrade this node may be of the version before, which has no feed to go back to: the lists have to do.
    if (code === 'unknown_frame') {
      this.#set(false);
      this.reload();
    }
    if (code === 'unknown_frame' || code === 'rate_limited') this.#askIn(code === 'rate_limited' ? BEHIND_MS : EVERY_MS);
  }

  #ask() {
    if (this.send({ type: 'feed', ...(this.#cursor && { cursor: this.#cursor }) })) this.#askIn(ANSWER_DUE_MS);
  }

  // Not all consoles at the same moment: sooner or later by up to this part.
  #askIn(ms, part = 0.5) {
    clearTimeout(this.#timer);
    this.#timer = this.later(() => this.#ask(), ms * (1 - part + 2 * part * this.random()));
  }

  #set(active) {
    if (active === this.active) return;
    this.active = active;
    this.changed();
  }
}
