// Tells the desk how far this device has received, and this screen has shown. One watermark stands for all before it,
// so a burst of messages costs one frame.

const COALESCE_MS = 150;

export class ReceiptSender {
  #timers = new Map();

  constructor(send) {
    this.send = send;
  }

  /** Entries came: `delivered` up to the end of the unbroken run, if others wrote any of it. */
  arrived(conversation) {
    this.#soon(conversation, 'delivered');
  }

  /** The last message is visible on the screen. */
  shown(conversation) {
    this.#soon(conversation, 'read');
  }

  clear() {
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #soon(conversation, kind) {
    if (!news(conversation, kind)) return;
    const waiting = this.#timers.get(conversation.id);
    if (waiting) {
      if (kind === 'read') waiting.kind = kind;
      return;
    }
    const timer = setTimeout(() => this.#now(conversation), COALESCE_MS);
    this.#timers.set(conversation.id, { timer, kind });
  }

  #now(conversation) {
    const { kind } = this.#timers.get(conversation.id);
    this.#timers.delete(conversation.id);
    if (!conversation.ready || !news(conversation, kind)) return;
    const up_to_seq = conversation.timeline.last;
    if (!this.send({ type: kind, conversation: conversation.id, up_to_seq })) return;
    conversation.sent.delivered = up_to_seq;
    if (kind === 'read') conversation.sent.read = up_to_seq;
  }
}

/** Whether others wrote something beyond what was told already. Our own messages need no receipt of ours. */
function news(conversation, kind) {
  const told = conversation.sent[kind];
  const { entries } = conversation.timeline;
  for (let i = entries.length - 1; i >= 0 && entries[i].seq > told; i -= 1) {
    if (!conversation.isOwn(entries[i])) return true;
  }
  return false;
}
