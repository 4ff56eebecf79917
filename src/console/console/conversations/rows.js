// The conversations that lists show, and which of them belongs under which tab.
//
// Rows come from pages of the API, from the feed on the socket (live, or when catching up), and from entries of
// conversations that are open. The row
// with the highest `last_seq` is the newest, by whichever road it came.

import { Observable } from '../shared/observable.js';
import { STATUS_AFTER } from '../shared/conversation.js';

const PAGE = 50;

/** What each tab asks the desk for, and which rows it shows. */
export const TABS = {
  mine: { queries: [{ status: 'open', assignee: 'me' }], shows: (row, me) => row.status === 'open' && row.assignment?.agent === me },
  unassigned: { queries: [{ status: 'open', assignee: 'none' }], shows: (row) => row.status === 'open' && !row.assignment },
  open: { queries: [{ status: 'open', assignee: 'any' }], shows: (row) => row.status === 'open' },
  waiting: {
    queries: [{ status: 'pending', assignee: 'any' }, { status: 'snoozed', assignee: 'any' }],
    shows: (row) => row.status === 'pending' || row.status === 'snoozed',
  },
  resolved: { queries: [{ status: 'resolved', assignee: 'any' }], shows: (row) => row.status === 'resolved' },
};

export class Rows extends Observable {
  #rows = new Map();
  #pages = new Map(Object.keys(TABS).map((tab) => [tab, { state: 'idle', cursors: null }]));

  constructor({ api, me, now = Date.now }) {
    super();
    Object.assign(this, { api, me, now });
  }

  get(id) {
    return this.#rows.get(id)?.row ?? null;
  }

  /** The rows of a tab, newest first. */
  of(tab) {
    const rows = [...this.#rows.values()].map(({ row }) => row).filter((row) => TABS[tab].shows(row, this.me));
    return rows.sort((a, b) => b.last_at - a.last_at);
  }

  /** idle, loading, loaded or failed. */
  stateOf(tab) {
    return this.#pages.get(tab).state;
  }

  hasMore(tab) {
    return Boolean(this.#pages.get(tab).cursors?.some(Boolean));
  }

  /**
   * Whether a tab may hold more rows than are known. What is open is known in full once the list of all open ones is.
   */
  mayHoldMore(tab) {
    const part = tab === 'mine' || tab === 'unassigned';
    return this.hasMore(tab) && !(part && this.stateOf('open') === 'loaded' && !this.hasMore('open'));
  }

  /** Takes in a row, unless a newer one is held. */
  take(row) {
    const held = this.#rows.get(row.conversation)?.row;
    if (held && held.last_seq > row.last_seq) return;
    this.#rows.set(row.conversation, { row, takenAt: this.now() });
    this.changed();
  }

  /** Removes a row that may not be shown any more. */
  drop(id) {
    if (this.#rows.delete(id)) this.changed();
  }

  /** Folds an entry of an open conversation into its row, so that the list does not lag behind the screen. */
  fold(id, { seq, at, author, event }) {
    const row = this.get(id);
    if (!row || seq <= row.last_seq) return;
    this.take({ ...row, last_seq: seq, last_at: at, ...changeBy(row, event, { seq, at, author }) });
  }

  async load(tab) {
    const startedAt = this.now();
    const page = this.#pages.get(tab);
    page.state = page.state === 'loaded' ? 'loaded' : 'loading';
    this.changed();
    try {
      const answers = await Promise.all(TABS[tab].queries.map((query) => this.api.get('conversations', { ...query, limit: PAGE })));
      const items = answers.flatMap((answer) => answer.items);
      this.#dropGone(tab, items, answers.some((answer) => answer.next_cursor), startedAt);
      items.forEach((row) => this.take(row));
      Object.assign(page, { state: 'loaded', cursors: answers.map((answer) => answer.next_cursor) });
    } catch {
      page.state = page.state === 'loaded' ? 'loaded' : 'failed';
    }
    this.changed();
  }

  async loadMore(tab) {
    const page = this.#pages.get(tab);
    if (page.loadingMore || !this.hasMore(tab)) return;
    page.loadingMore = true;
    const { queries } = TABS[tab];
    const next = page.cursors.map(async (cursor, i) => {
      if (!cursor) return null;
      const answer = await this.api.get('conversations', { ...queries[i], cursor, limit: PAGE });
      answer.items.forEach((row) => this.take(row));
      return answer.next_cursor;
    });
    page.cursors = await Promise.all(next).catch(() => page.cursors);
    page.loadingMore = false;
    this.changed();
  }

  /** Takes in rows that changed while the console was offline. */
  takeAll(rows) {
    rows.forEach((row) => this.take(row));
  }

  /** Tries the lists again that could not be loaded. */
  loadFailed() {
    for (const [tab, page] of this.#pages) if (page.state === 'failed') this.load(tab);
  }

  /** Forgets all rows. */
  clear() {
    this.#rows.clear();
    this.changed();
  }

  /** Reads all lists anew: what is held cannot be brought up to date otherwise. */
  reloadAll() {
    for (const [tab, page] of this.#pages) if (page.state !== 'idle') this.load(tab);
  }

  async loadOne(id) {
    this.take(await this.api.get(`conversations/${id}`));
  }

  // A row that the desk no longer lists, within the stretch that it listed, has gone elsewhere meanwhile.
  #dropGone(tab, items, more, startedAt) {
    const listed = new Set(items.map((row) => row.conversation));
    const oldest = more ? Math.min(...items.map((row) => row.last_at)) : 0;
    for (const [id, { row, takenAt }] of this.#rows) {
      const within = TABS[tab].shows(row, this.me) && row.last_at >= oldest;
      if (within && !listed.has(id) && takenAt < startedAt) this.#rows.delete(id);
    }
  }
}

function changeBy(row, event, { seq, at, author }) {
  switch (event.kind) {
    case 'message_sent': {
      const preview = { text: [...event.text].slice(0, 120).join(''), member: author.member, at };
      return author.member.kind === 'contact' ? { preview, status: 'open', snoozed_until: null } : { preview };
    }
    case 'assigned':
      return { assignment: { agent: event.agent, name: event.agent_name, at, seq } };
    case 'unassigned':
      return { assignment: null };
    case 'tagged':
      return { tags: [...new Set([...row.tags, event.tag])].sort() };
    case 'field_set':
      return { fields: { ...row.fields, [event.field]: event.value } };
    case 'untagged':
      return { tags: row.tags.filter((tag) => tag !== event.tag) };
    default:
      return STATUS_AFTER[event.kind] ? { status: STATUS_AFTER[event.kind], snoozed_until: event.until ?? null } : {};
  }
}
