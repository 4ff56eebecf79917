// How far one of our own messages has come. States only grow: `persisted` may overtake `accepted`, and implies it.

export const STATES = ['sending', 'accepted', 'persisted', 'delivered', 'read'];

/** The key of a member in a map. */
export const memberKey = (member) => (member ? `${member.kind}-${member.id}` : '');

/** How far each member and the database have come. */
export class Watermarks {
  persisted = 0;
  #members = new Map();

  of(member) {
    return this.#members.get(memberKey(member)) ?? { delivered: 0, read: 0 };
  }

  /** Raises a member's mark; never lowers it. `kind` is delivered or read. */
  raise(member, kind, upToSeq) {
    const mark = { ...this.of(member) };
    mark.delivered = Math.max(mark.delivered, upToSeq);
    if (kind === 'read') mark.read = Math.max(mark.read, upToSeq);
    this.#members.set(memberKey(member), { member, ...mark });
  }

  raisePersisted(upToSeq) {
    this.persisted = Math.max(this.persisted, upToSeq);
  }

  /** Takes in the state that came with `recovered` or `reset`. */
  take(state) {
    this.raisePersisted(state.persisted_seq ?? 0);
    for (const receipt of state.receipts ?? []) {
      this.raise(receipt.member, 'delivered', receipt.delivered ?? 0);
      this.raise(receipt.member, 'read', receipt.read ?? 0);
    }
  }

  /** The farthest that any member for whom `counts` holds has come. */
  farthest(counts) {
    let [delivered, read] = [0, 0];
    for (const mark of this.#members.values()) {
      if (!counts(mark.member)) continue;
      delivered = Math.max(delivered, mark.delivered);
      read = Math.max(read, mark.read);
    }
    return { delivered, read };
  }
}

/**
 * The state of `entry`, written by `own`. A message counts as delivered when the other side has it; a note, which the
 * contact never sees, when another agent has it.
 */
export function entryState(entry, own, watermarks, failures = new Map()) {
  // Accepted and kept, but it could not be filed: it is a dead letter, and operators see it.
  if (failures.has(entry.seq) && watermarks.persisted < entry.seq) return 'dead_lettered';
  const isNote = entry.event.kind === 'note_added';
  const { delivered, read } = watermarks.farthest((member) =>
    isNote ? member.kind === 'agent' && memberKey(member) !== memberKey(own) : member.kind !== own.kind,
  );
  if (read >= entry.seq) return 'read';
  if (delivered >= entry.seq) return 'delivered';
  return watermarks.persisted >= entry.seq ? 'persisted' : 'accepted';
}

/** The state of a request that still lies in the outbox. */
export function requestState(item) {
  return { failed: 'failed', accepted: 'accepted' }[item.state] ?? 'sending';
}
