// Which conversations hold something from the contact that this agent has not looked at. Kept in this browser, per
// agent.

import { parsed } from '../shared/storage.js';

const KEPT = 500;

export class Unread {
  constructor({ storage, scope }) {
    Object.assign(this, { storage, key: `${scope}.seen` });
    this.seen = new Map(parsed(storage.get(this.key)) ?? []);
  }

  has(row) {
    return row.preview?.member.kind === 'contact' && row.preview.at > (this.seen.get(row.conversation) ?? 0);
  }

  /** The agent has looked at everything in `row`. Returns whether that is news. */
  look(row) {
    if (!this.has(row)) return false;
    this.seen.delete(row.conversation);
    this.seen.set(row.conversation, row.preview.at);
    const newest = [...this.seen].slice(-KEPT);
    this.seen = new Map(newest);
    this.storage.set(this.key, JSON.stringify(newest));
    return true;
  }
}
