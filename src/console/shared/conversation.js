// A conversation that this browser watches: its entries, how far everyone has come, where it stands, who is typing.

import { Observable } from './observable.js';
import { Timeline } from './timeline.js';
import { Watermarks, entryState, memberKey, requestState } from './message_state.js';

const TYPING_SHOWN_MS = 6_000;
const WRITTEN = { say: 'message_sent', note: 'note_added' };

export class Conversation extends Observable {
  timeline = new Timeline();
  watermarks = new Watermarks();
  status = 'open';
  assignment = null;
  /** Whether there is something to show: the desk has answered a `resume` once. */
  ready = false;
  /** Whether the desk has answered our `resume` on this connection. */
  following = false;
  /** Why it cannot be shown, if the desk refused: an error code. */
  problem = null;
  /** seq -> code of accepted entries that could not be processed. */
  failures = new Map();
  /** Accepted requests whose entries have not arrived yet. */
  settling = [];
  /** How far our own receipts were sent on this connection. */
  sent = { delivered: 0, read: 0 };
  #typing = new Map();
  #stateSeq = 0;

  constructor(id, own) {
    super();
    this.id = id;
    this.own = own;
  }

  /** Takes `recovered` or `reset`. Returns the entries that are new. */
  resumed(frame) {
    if (frame.type === 'reset') {
      this.timeline.reset(frame.entries, frame.more);
      this.watermarks = new Watermarks();
      this.failures.clear();
    }
    const added = frame.type === 'reset' ? frame.entries : this.timeline.offer(frame.entries);
    this.watermarks.take(frame.state);
    this.status = frame.state.status;
    this.assignment = frame.state.assignment;
    this.#stateSeq = frame.state.last_seq;
    const mark = this.watermarks.of(this.own);
    this.sent = { delivered: mark.delivered, read: mark.read };
    this.ready = true;
    this.following = true;
    this.problem = null;
    this.#settle(added);
    this.changed();
    return added;
  }

  /** Takes live entries or a range. Returns those that now belong to the unbroken run. */
  receive(entries) {
    const added = this.timeline.offer(entries);
    for (const entry of added) {
      if (entry.seq > this.#stateSeq) this.#fold(entry);
      this.#typing.delete(memberKey(entry.author.member));
    }
    this.#settle(added);
    this.changed();
    return added;
  }

  older(entries, more) {
    this.timeline.prepend(entries, more);
    this.changed();
  }

  /** An own request was accepted; it is shown as such until its entry arrives. */
  accepted(item, { seq, at }) {
    if (!WRITTEN[item.frame.type] || seq <= this.timeline.last) return;
    this.settling.push({ ...item, state: 'accepted', seq, at });
    this.changed();
  }

  receipt(member, kind, upToSeq) {
    this.watermarks.raise(member, kind, upToSeq);
    this.changed();
  }

  persisted(upToSeq) {
    this.watermarks.raisePersisted(upToSeq);
    this.changed();
  }

  failed(seq, code) {
    this.failures.set(seq, code);
    this.changed();
  }

  typing(author, active) {
    const key = memberKey(author.member);
    if (key === memberKey(this.own)) return;
    clearTimeout(this.#typing.get(key)?.timer);
    this.#typing.delete(key);
    if (active) {
      // The end of typing may be lost on the way.
      const timer = setTimeout(() => this.typing(author, false), TYPING_SHOWN_MS);
      this.#typing.set(key, { author, timer });
    }
    this.changed();
  }

  get typists() {
    return [...this.#typing.values()].map(({ author }) => author);
  }

  /** Whether something is missing between what is held and what is known to exist. */
  get behind() {
    return this.timeline.gap || this.settling.length > 0 || this.timeline.last < this.#stateSeq;
  }

  isOwn(entry) {
    return memberKey(entry.author.member) === memberKey(this.own);
  }

  /** What to show, in order: the entries, then what was accepted but has not arrived, then what lies in the outbox. */
  lines(outboxItems) {
    const ofEntries = this.timeline.entries.map((entry) => ({
      key: lineKey(entry.author.member, entry.client_id),
      seq: entry.seq,
      at: entry.at,
      author: entry.author,
      mine: this.isOwn(entry),
      event: entry.event,
      state: this.isOwn(entry) ? entryState(entry, this.own, this.watermarks, this.failures) : this.#stored(entry),
      reason: this.failures.get(entry.seq) ?? null,
    }));
    const waiting = [...this.settling, ...outboxItems].filter((item) => WRITTEN[item.frame.type]);
    return [...ofEntries, ...waiting.map((item) => requestLine(item, this.own))];
  }

  #stored({ seq }) {
    return this.watermarks.persisted >= seq ? 'persisted' : 'accepted';
  }

  #fold({ author, at, seq, event }) {
    switch (event.kind) {
      case 'assigned':
        this.assignment = { agent: event.agent, name: event.agent_name, at, seq };
        break;
      case 'unassigned':
        this.assignment = null;
        break;
      case 'message_sent':
        if (author.member.kind === 'contact') this.status = 'open';
        break;
      default:
        this.status = STATUS_AFTER[event.kind] ?? this.status;
    }
  }

  #settle(added) {
    if (!this.settling.length) return;
    const arrived = new Set(added.map((entry) => entry.client_id));
    this.settling = this.settling.filter((item) => !arrived.has(item.client_id) && item.seq > this.timeline.last);
  }
}

// A sender uses a client_id once, so the line of a request keeps its key, and its place, when it becomes an entry.
const lineKey = (member, clientId) => `${memberKey(member)}/${clientId}`;

/** An own message that is not an entry yet. */
export function requestLine(item, own) {
  const event = { kind: WRITTEN[item.frame.type], text: item.frame.text };
  return {
    key: lineKey(own, item.client_id),
    client_id: item.client_id,
    seq: item.seq ?? null,
    at: item.at,
    author: { member: own, name: '' },
    mine: true,
    event,
    state: requestState(item),
    reason: item.error?.code ?? null,
  };
}

/** The status that an event leads to. */
export const STATUS_AFTER = { resolved: 'resolved', reopened: 'open', pended: 'pending', snoozed: 'snoozed' };
