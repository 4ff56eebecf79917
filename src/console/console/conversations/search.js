// The search over conversations: asks the desk for contacts by name or address, and for their conversations. What is
// loaded already is searched at once, beside that.

/** Contacts whose conversations are read for one search; more of them need a longer text. */
const CONTACTS = 10;

/** Conversations that are read of each contact, the newest. */
const OF_EACH = 20;

/** Time without a key stroke after which the desk is asked. */
const PAUSE_MS = 300;

const plain = (text) => text.normalize('NFC').toLocaleLowerCase();

export class Search {
  text = '';
  /**
   * What was looked at: `loaded` (only rows that are loaded, as the desk was not asked yet or does not let us ask),
   * `asking`, `asked` (all contacts), or `failed`.
   */
  state = 'loaded';
  /** Whether more contacts match than were looked at. */
  hasMore = false;
  #found = new Set();
  #asked = 0;
  #timer = null;

  /** `changed` is called whenever there is something new to show. */
  constructor({ api, rows, changed, pause = PAUSE_MS }) {
    Object.assign(this, { api, rows, changed, pause });
  }

  get isOn() {
    return Boolean(this.text.trim());
  }

  find(text) {
    const changed = text.trim() !== this.text.trim();
    this.text = text;
    if (changed) this.again();
    this.changed();
  }

  /** Asks the desk for the present text, after a pause. */
  again() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    Object.assign(this, { state: this.isOn ? 'asking' : 'loaded', hasMore: false });
    this.#found = new Set();
    if (this.isOn) this.#timer = setTimeout(() => this.#ask(this.#asked), this.pause);
    this.changed();
  }

  /** Of these rows, those that match. */
  matching(rows) {
    if (!this.isOn) return rows;
    const wanted = plain(this.text.trim());
    return rows.filter((row) => this.#found.has(row.contact) || plain(row.contact_name).includes(wanted));
  }

  async #ask(turn) {
    try {
      const contacts = await this.api.get('contacts', { text: this.text.trim(), limit: CONTACTS });
      const lists = contacts.items.map(({ id }) => this.api.get('conversations', { contact: id, limit: OF_EACH }));
      const rows = (await Promise.all(lists)).flatMap((list) => list.items);
      if (turn !== this.#asked) return;
      this.#found = new Set(contacts.items.map(({ id }) => id));
      this.rows.takeAll(rows);
      Object.assign(this, { state: 'asked', hasMore: Boolean(contacts.next_cursor) });
    } catch (problem) {
      if (turn !== this.#asked) return;
      // Who may not read everything may not look through all contacts.
      this.state = problem.status === 403 ? 'loaded' : 'failed';
    }
    this.changed();
  }
}
