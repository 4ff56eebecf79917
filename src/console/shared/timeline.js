// The entries of one conversation, as far as this browser holds them: one unbroken run, in order, each once.
//
// `prev` of an entry names the one before it that this side may see. If it is higher than the last one held, something
// is missing: the entry is held back until the range has come.

export class Timeline {
  entries = [];
  /** Whether older entries exist than the first one held. */
  hasOlder = false;
  #heldBack = new Map();

  /** Number of the last entry held; 0 for none. */
  get last() {
    return this.entries.at(-1)?.seq ?? 0;
  }

  get first() {
    return this.entries[0]?.seq ?? 0;
  }

  /** Whether entries wait for something that is missing. */
  get gap() {
    return this.#heldBack.size > 0;
  }

  /** Takes entries in, in any order, any number of times. Returns those that now belong to the run. */
  offer(entries) {
    for (const entry of entries) {
      if (entry.seq > this.last) this.#heldBack.set(entry.seq, entry);
    }
    const added = [];
    for (const seq of [...this.#heldBack.keys()].sort((a, b) => a - b)) {
      const entry = this.#heldBack.get(seq);
      if (entry.seq > this.last && entry.prev > this.last) break;
      this.#heldBack.delete(seq);
      if (entry.seq > this.last) {
        this.entries.push(entry);
        added.push(entry);
      }
    }
    if (added.length) this.entries = [...this.entries];
    return added;
  }

  /** Takes in an older page: the entries just before the first one held. */
  prepend(entries, more) {
    const older = entries.filter((entry) => !this.entries.length || entry.seq < this.first);
    this.entries = [...older, ...this.entries];
    this.hasOlder = more && older.length > 0;
  }

  /** Drops everything and begins with `entries`, the newest ones. */
  reset(entries, more) {
    this.#heldBack.clear();
    this.entries = [...entries];
    this.hasOlder = more || (entries[0]?.prev ?? 0) > 0;
  }
}
