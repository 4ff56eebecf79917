// The visitor's side of a conversation.
//
// A conversation begins with the first message, not with a look into the panel: `open` and `say` go into the outbox
// together, and the `say` waits there until it knows which conversation it belongs to.

import { Observable } from './shared/observable.js';
import { Desk } from './shared/desk.js';
import { safeStorage, parsed } from './shared/storage.js';
import { uuidv7Maker } from './shared/uuidv7.js';
import { cleanText } from './shared/message_text.js';
import { requestLine } from './shared/conversation.js';
import { Visitor } from './visitor.js';

const UNKNOWN_CONTACT = { kind: 'contact', id: '' };

export class Chat extends Observable {
  /** Whether the panel is open. */
  shown = false;
  draft = '';
  #started = false;

  constructor({ base, inbox, about }) {
    super();
    const storage = safeStorage();
    this.visitor = new Visitor({ base, inbox, about, storage });
    this.desk = new Desk({
      side: 'contact',
      own: this.own,
      url: `${base.replace(/^http/, 'ws')}ws/widget?inbox=${encodeURIComponent(inbox)}`,
      token: (how) => this.visitor.token(how, (session) => this.#identified(session)),
      storage,
      scope: this.#scope,
      newId: uuidv7Maker(),
      hooks: {
        accepted: (item, frame) => item.frame.type === 'open' && this.#follow(frame.conversation),
        entries: () => this.changed(),
      },
    });
    this.desk.subscribe(() => this.changed());
  }

  /** Connects at once if there is something to go on with; else waits until the panel is opened. */
  start() {
    addEventListener('storage', this.#otherTab);
    if (this.visitor.conversation) this.desk.watch(this.visitor.conversation);
    if (this.visitor.conversation || this.desk.outbox.items.length) this.#connect();
  }

  stop() {
    removeEventListener('storage', this.#otherTab);
    if (this.#started) this.desk.stop();
    this.#started = false;
  }

  show(shown) {
    this.shown = shown;
    if (shown) this.#connect();
    this.changed();
  }

  get own() {
    return this.visitor.contact ? { kind: 'contact', id: this.visitor.contact.id } : UNKNOWN_CONTACT;
  }

  /** The conversation as watched, or null before the first message was accepted. */
  get conversation() {
    return this.desk.conversations.get(this.visitor.conversation) ?? null;
  }

  lines() {
    const unanswered = this.desk.outbox.items.filter((item) => item.frame.type === 'say');
    return this.conversation?.lines(unanswered) ?? unanswered.map((item) => requestLine(item, this.own));
  }

  say(text) {
    const clean = cleanText(text);
    if (!clean) return false;
    const conversation = this.visitor.conversation;
    if (conversation) {
      this.desk.typing.stop(conversation);
      this.desk.request({ type: 'say', conversation, text: clean });
    } else {
      const items = this.desk.outbox.items;
      const opening = items.find((item) => item.frame.type === 'open' && item.state !== 'failed') ?? this.desk.request({ type: 'open' });
      this.desk.request({ type: 'say', conversation: null, text: clean }, { lane: opening.client_id });
    }
    this.#connect();
    return true;
  }

  /** What the tenant set for this inbox, from the last session on. */
  get settings() {
    return this.visitor.inbox ?? {};
  }

  typed() {
    if (this.settings.typing_indicator !== false && this.visitor.conversation) this.desk.typing.pressed(this.visitor.conversation);
  }

  /** Sends a failed message again; together with a new `open` if it was that which failed. */
  retry(clientId) {
    const item = this.desk.outbox.find(clientId);
    if (item?.frame.conversation) this.desk.retry(clientId);
    else if (item) {
      this.discard(clientId);
      this.say(item.frame.text);
    }
  }

  discard(clientId) {
    const lane = this.desk.outbox.find(clientId)?.lane;
    this.desk.discard(clientId);
    const left = this.desk.pending(lane);
    // An `open` that failed and that no message waits for any more has no purpose.
    if (left.length === 1 && left[0].frame.type === 'open' && left[0].state === 'failed') this.desk.discard(left[0].client_id);
  }

  /** How many messages of the other side this visitor has not seen. */
  get unread() {
    const seen = this.visitor.record.seen ?? 0;
    const entries = this.conversation?.timeline.entries ?? [];
    return entries.filter((entry) => entry.seq > seen && entry.event.kind === 'message_sent' && entry.author.member.kind !== 'contact').length;
  }

  /** The end of the conversation is on the screen. */
  seen() {
    const { conversation } = this;
    if (!this.shown || !conversation?.ready || document.visibilityState !== 'visible') return;
    this.desk.receipts.shown(conversation);
    const { last } = conversation.timeline;
    if (last > (this.visitor.record.seen ?? 0)) {
      this.visitor.remember({ seen: last });
      this.changed();
    }
  }

  get #scope() {
    return `frontdesk.widget.${this.visitor.inboxId}.${this.visitor.contact?.id ?? 'new'}`;
  }

  #connect() {
    if (this.#started) return;
    this.#started = true;
    this.desk.start();
  }

  // The desk said who we are. What was written before that, or under an identity that the server no longer knows, is
  // sent too.
  #identified({ same }) {
    this.desk.own = this.own;
    const waiting = same ? [] : this.desk.outbox.items.filter((item) => item.frame.type === 'say' && item.frame.conversation);
    this.desk.outbox.moveTo(this.#scope);
    if (!same) this.visitor.remember({ seen: 0 });
    for (const item of waiting) {
      this.desk.discard(item.client_id);
      this.say(item.frame.text);
    }
    if (this.visitor.conversation) this.#follow(this.visitor.conversation);
    this.changed();
  }

  #follow(conversation) {
    if (conversation !== this.visitor.conversation) this.visitor.remember({ conversation });
    for (const id of [...this.desk.conversations.keys()]) if (id !== conversation) this.desk.leave(id);
    this.desk.watch(conversation);
    this.changed();
  }

  // Another tab of the same visitor began the conversation: go on with it here.
  #otherTab = (event) => {
    if (event.key !== this.visitor.key) return;
    const { conversation, contact, seen } = parsed(event.newValue) ?? {};
    if (contact?.id !== this.visitor.contact?.id) return;
    this.visitor.record.seen = Math.max(seen ?? 0, this.visitor.record.seen ?? 0);
    if (conversation && conversation !== this.visitor.conversation) this.#follow(conversation);
    this.changed();
  };
}
