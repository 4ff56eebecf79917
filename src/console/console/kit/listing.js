// A list that the server gives page by page, and what is known of it.

import { Observable } from '../shared/observable.js';
import { useEffect, useObservable } from '../shared/ui.js';

export class Listing extends Observable {
  /** loading, ready or failed. What was known before stays while asking again fails. */
  state = 'loading';
  items = null;
  /** Why the last reading failed. */
  problem = null;
  loadingMore = false;
  #fetch;
  #next = null;
  #asked = 0;

  /** `fetch(cursor)` gives a page: `{items, next_cursor}`. */
  constructor(fetch) {
    super();
    this.#fetch = fetch;
  }

  get hasMore() {
    return Boolean(this.#next);
  }

  /** Reads the first page anew. Of several readings at a time the last one counts. */
  async load() {
    const asked = ++this.#asked;
    try {
      const { items, next_cursor: next } = await this.#fetch(null);
      if (asked !== this.#asked) return;
      this.items = items;
      this.#next = next ?? null;
      this.state = 'ready';
      this.problem = null;
    } catch (problem) {
      if (asked !== this.#asked) return;
      this.state = 'failed';
      this.problem = problem;
    }
    this.changed();
  }

  /** Adds the next page; a failure leaves what is there, and the page can be asked for again. */
  async more() {
    if (this.loadingMore || !this.#next) return;
    const asked = this.#asked;
    this.loadingMore = true;
    this.changed();
    const page = await this.#fetch(this.#next).catch(() => null);
    this.loadingMore = false;
    if (page && asked === this.#asked) {
      this.items = [...this.items, ...page.items];
      this.#next = page.next_cursor ?? null;
    }
    this.changed();
  }

  /** Takes in a thing that was saved: in the place of the one with its id, or at the end. */
  take(thing) {
    const items = this.items ?? [];
    this.items = items.some(({ id }) => id === thing.id) ? items.map((one) => (one.id === thing.id ? thing : one)) : [...items, thing];
    this.changed();
  }

  drop(id) {
    this.items = this.items?.filter((one) => one.id !== id) ?? null;
    this.changed();
  }
}

/** Reads the list when the view opens, and draws again when it changes. */
export function useListing(listing) {
  useEffect(() => {
    listing.load();
  }, [listing]);
  return useObservable(listing);
}
