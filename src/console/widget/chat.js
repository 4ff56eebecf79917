// The visitor's side of a conversation. Lives as long as the page, whatever becomes of the widget's element.
//
// A conversation begins with the first message, not with a look into the panel: `open` and `say` go into the outbox
// together, and the `say` waits there until it knows which conversation it belongs to.

import { Observable } from './shared/observable.js';
import { Desk } from './shared/desk.js';
import { safeStorage } from './shared/storage.js';
import { uuidv7Maker } from './shared/uuidv7.js';
import { cleanText } from './shared/message_text.js';
import { requestLine } from './shared/conversation.js';
import { PageMemory } from './page_memory.js';
import { Visitor } from './visitor.js';

const UNKNOWN_CONTACT = { kind: 'contact', id: '' };

export class Chat extends Observable {
  /** Whether the panel is open. */
  shown = false;
  /** Whether the visitor opened it on this page, rather than on the page before. */
  wasOpened = false;
  /** Grows when the widget's element is put back into the page. */
  placed = 0;
  desk = null;
  #base;
  #draft = '';
  #started = false;
  #unsubscribe = null;

  /** `introduction` is what the page says of its visitor. */
  constructor({ base, inbox, introduction }) {
    super();
    this.#base = base;
    this.storage = safeStorage();
    this.visitor = new Visitor({ base, inbox, storage: this.storage });
    const scope = this.#scope;
    if (this.visitor.introduce(introduction, 'tag') === 'another') this.#forgetUnsent(scope);
    this.memory = new PageMemory({ storage: safeStorage(() => globalThis.sessionStorage), inbox });
    this.#draft = this.memory.draft(this.visitor.generation);
    this.place = placeIn(this.memory, this.visitor);
    // On a phone the panel covers the page, and the visitor came for the page.
    this.shown = this.memory.shown && !matchMedia('(max-width: 560px)').matches;
    this.#makeDesk();
  }

  /** Connects at once if there is something to go on with; else waits until the panel is opened. */
  start() {
    addEventListener('storage', this.#otherTab);
    this.#goOn();
  }

  show(shown) {
    this.shown = shown;
    this.wasOpened = shown;
    this.memory.keep({ shown });
    if (shown) {
      this.#connect();
      this.desk.connection.retryNow();
    }
    this.changed();
  }

  /** The widget's element is in the page again. */
  putBack() {
    this.placed += 1;
    this.changed();
  }

  /** What was typed and not sent. */
  get draft() {
    return this.#draft;
  }

  set draft(text) {
    this.#draft = text;
    this.memory.keep({ draft: text, generation: this.visitor.generation });
  }

  /** The page says who its visitor is, by its `tag` or its `script`: another person begins with nothing. */
  introduce(introduction, by) {
    const scope = this.#scope;
    const who = this.visitor.introduce(introduction, by);
    if (who === 'another') this.#anotherPerson(scope);
    else if (who === 'known' && this.#started) this.#again();
  }

  /** The visitor signed out of the site: the next one begins with nothing. */
  reset() {
    const scope = this.#scope;
    this.visitor.reset();
    this.#anotherPerson(scope);
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
      this.desk.request({ type: 'say', conversation: null, text: clean }, { lane: this.#opening().client_id });
    }
    this.#connect();
    this.desk.connection.wake();
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
    return `frontdesk.widget.${this.visitor.inboxId}.${this.visitor.contact?.id ?? `new${this.visitor.generation}`}`;
  }

  #makeDesk() {
    const desk = new Desk({
      side: 'contact',
      own: this.own,
      url: `${this.#base.replace(/^http/, 'ws')}ws/widget?inbox=${encodeURIComponent(this.visitor.inboxId)}`,
      token: (how) => this.visitor.token(how, (session) => this.#identified(desk, session)),
      storage: this.storage,
      scope: this.#scope,
      newId: uuidv7Maker(),
      hooks: {
        accepted: (item, frame) => item.frame.type === 'open' && this.#follow(frame.conversation),
        entries: () => this.changed(),
      },
    });
    this.#unsubscribe?.();
    this.#unsubscribe = desk.subscribe(() => this.changed());
    this.desk = desk;
  }

  #goOn() {
    if (this.visitor.conversation) this.desk.watch(this.visitor.conversation);
    if (this.visitor.conversation || this.desk.outbox.items.length || this.shown) this.#connect();
    this.changed();
  }

  #connect() {
    if (this.#started) return;
    this.#started = true;
    this.desk.start();
  }

  /** A new session and a new socket, for what the page said or another tab became. */
  #again() {
    this.desk.connection.stop();
    this.desk.connection.start();
  }

  // Nothing of the person before stays: neither the conversation nor what was typed or not sent yet (`scope`).
  #anotherPerson(scope) {
    this.desk.stop();
    this.#forgetUnsent(scope);
    this.#started = false;
    this.draft = '';
    this.place = placeIn(this.memory, this.visitor);
    this.#makeDesk();
    this.#goOn();
  }

  #forgetUnsent(scope) {
    for (const key of this.storage.keys(`${scope}.outbox.`)) this.storage.remove(key);
  }

  // The desk said who we are. What was written before that, or under an identity that the server no longer knows, is
  // sent too.
  #identified(desk, { same }) {
    if (desk !== this.desk) return;
    desk.own = this.own;
    const waiting = same ? [] : desk.outbox.items.filter((item) => item.frame.type === 'say' && item.frame.conversation);
    desk.outbox.moveTo(this.#scope);
    desk.outbox.newId.goOnAfter(this.visitor.contact.id);
    for (const item of waiting) {
      desk.discard(item.client_id);
      this.say(item.frame.text);
    }
    this.#settleOpening();
    if (this.visitor.conversation) this.#follow(this.visitor.conversation);
    this.changed();
  }

  /**
   * The `open` that messages wait for. It is called like the contact, so that several tabs which open at once open one
   * conversation: the desk gives the same answer to the same name. After a refusal, which is final for its name, it
   * gets another one.
   */
  #opening() {
    const { outbox } = this.desk;
    // Another tab may have begun to open meanwhile.
    outbox.load();
    const opens = outbox.items.filter((item) => item.frame.type === 'open');
    const living = opens.find((item) => item.state !== 'failed');
    if (living) return living;
    const { contact } = this.visitor;
    const clientId = contact && !opens.some((item) => item.client_id === contact.id) ? contact.id : null;
    return this.desk.request({ type: 'open' }, { clientId });
  }

  // An `open` that was written before the contact was known is called like the contact from now on. A message whose
  // `open` another tab had answered, and whose conversation is not known here yet, waits for one again.
  #settleOpening() {
    const { outbox } = this.desk;
    const { contact, conversation } = this.visitor;
    if (conversation) return;
    for (const { frame, state, attempts, client_id } of outbox.items) {
      if (frame.type === 'open' && state === 'queued' && !attempts) outbox.rename(client_id, contact.id);
    }
    for (const item of outbox.items.filter(({ frame, state, lane }) => frame.type === 'say' && !frame.conversation && state === 'queued' && !outbox.find(lane))) {
      outbox.waitFor(item.client_id, this.#opening().client_id);
    }
  }

  #follow(conversation) {
    if (conversation !== this.visitor.conversation) this.visitor.remember({ conversation });
    this.desk.outbox.entered(conversation);
    for (const id of [...this.desk.conversations.keys()]) if (id !== conversation) this.desk.leave(id);
    this.desk.watch(conversation);
    this.changed();
  }

  // Another tab wrote down who the visitor is, or what became of the conversation: all tabs go the same way.
  #otherTab = (event) => {
    if (event.key !== this.visitor.key && event.key !== null) return;
    const scope = this.#scope;
    const before = this.visitor.reread();
    const { record, contact, conversation } = this.visitor;
    if ((before.generation ?? '') !== (record.generation ?? '')) return this.#anotherPerson(scope);
    if (contact && contact.id !== before.contact?.id) {
      // The other tab became a contact, or another one by its token: so is this one. What was not sent yet comes along.
      this.desk.outbox.moveTo(this.#scope);
      if (this.#started) this.#again();
      else this.#goOn();
    } else if (conversation && conversation !== before.conversation) {
      this.#connect();
      this.#follow(conversation);
    }
    return this.changed();
  };
}

/** Where in the conversation the reader is, kept from page to page. */
function placeIn(memory, visitor) {
  return {
    get fromEnd() {
      return memory.fromEnd(visitor.generation);
    },
    set fromEnd(px) {
      memory.keep({ fromEnd: Math.round(px), generation: visitor.generation });
    },
  };
}
