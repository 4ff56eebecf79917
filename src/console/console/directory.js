// Who is who: colleagues and whether they are there, inboxes, contacts.

import { Observable } from './shared/observable.js';
import { mayPass } from './shared/refusals.js';
import { memberKey } from './shared/message_state.js';

const SOON_MS = 2_000;

export class Directory extends Observable {
  agents = [];
  #inboxes = new Map();
  #contacts = new Map();
  #presence = new Map();
  #soon = null;

  constructor(api) {
    super();
    this.api = api;
  }

  /** Reads again within some seconds: all consoles are told at one moment, and changes often come several at a time. */
  loadSoon() {
    this.#soon ??= setTimeout(() => this.load(), Math.random() * SOON_MS);
  }

  /** Nothing is read any more. */
  close() {
    clearTimeout(this.#soon);
  }

  async load() {
    clearTimeout(this.#soon);
    this.#soon = null;
    const [agents, inboxes] = await Promise.all(
      ['agents', 'inboxes'].map((path) => this.api.get(path).then((answer) => answer.items).catch(() => null)),
    );
    if (agents) this.agents = agents.filter((agent) => agent.active !== false);
    for (const agent of agents ?? []) {
      if (agent.presence) this.#presence.set(memberKey({ kind: 'agent', id: agent.id }), agent.presence);
    }
    if (inboxes) this.#inboxes = new Map(inboxes.map((inbox) => [inbox.id, inbox]));
    this.changed();
  }

  inbox(id) {
    return this.#inboxes.get(id) ?? null;
  }

  /** What the desk knows of a contact; null until it has answered. */
  contact(id) {
    if (id && !this.#contacts.has(id)) {
      this.#contacts.set(id, null);
      this.api.get(`contacts/${id}`).then(
        (contact) => {
          this.#contacts.set(id, contact);
          this.changed();
        },
        // Asked again when it is looked at later, but not with every drawing; one that may not be seen, never.
        (problem) => mayPass(problem) && setTimeout(() => this.#contacts.delete(id), 10_000),
      );
    }
    return this.#contacts.get(id) ?? null;
  }

  presence(member, state) {
    this.#presence.set(memberKey(member), state);
    this.changed();
  }

  /** online, away, offline or unknown. */
  presenceOf(member) {
    return this.#presence.get(memberKey(member)) ?? 'unknown';
  }
}
