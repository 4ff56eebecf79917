// Sends typing indicators: at intervals while keys are pressed, and once when typing stops.

const REPEAT_MS = 3_000;
const IDLE_MS = 5_000;

export class TypingSender {
  #active = new Map();

  constructor(send) {
    this.send = send;
  }

  /** A key was pressed in the composer of a conversation. */
  pressed(conversation) {
    const state = this.#active.get(conversation) ?? { sentAt: 0, idle: null };
    clearTimeout(state.idle);
    state.idle = setTimeout(() => this.stop(conversation), IDLE_MS);
    if (Date.now() - state.sentAt >= REPEAT_MS && this.send({ type: 'typing', conversation, active: true })) {
      state.sentAt = Date.now();
    }
    this.#active.set(conversation, state);
  }

  /** The message was sent, dropped or left. */
  stop(conversation) {
    const state = this.#active.get(conversation);
    if (!state) return;
    clearTimeout(state.idle);
    this.#active.delete(conversation);
    if (state.sentAt) this.send({ type: 'typing', conversation, active: false });
  }

  clear() {
    for (const { idle } of this.#active.values()) clearTimeout(idle);
    this.#active.clear();
  }
}
