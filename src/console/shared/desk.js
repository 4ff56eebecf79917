// The desk as this browser sees it: one connection, the outbox, and the conversations that are watched.
//
// After each connect: hello, welcome, `resume` of every watched conversation, then the outbox in order under the same
// names.

import { Observable } from './observable.js';
import { Connection } from './connection.js';
import { Conversation } from './conversation.js';
import { Outbox } from './outbox.js';
import { mayPass } from './refusals.js';
import { ReceiptSender } from './receipt_sender.js';
import { TypingSender } from './typing_sender.js';

const PAGE = 50;
const SETTLE_MS = 1_000;
const ASK_AGAIN_MS = 1_500;
const RESUME_DUE_MS = 6_000;

export class Desk extends Observable {
  conversations = new Map();
  #ranges = new Map();
  #checks = new Map();
  #pumpTimer = null;

  /**
   * `side` is contact or agent. `own` may be unknown until `welcome`. `hooks`: `frame(frame)` for what is not of a
   * watched conversation, `accepted(item, frame)`, `rejected(item, frame)`, `entries(conversation, entries)`,
   * `online(welcome)`, `down()`, `end(error)`. `history(id, before)` may give older pages by another road.
   */
  constructor({ side, own = null, url, token, storage, scope, newId, hooks = {}, history = null }) {
    super();
    Object.assign(this, { side, own, hooks, history });
    this.outbox = new Outbox({ storage, scope, newId });
    this.receipts = new ReceiptSender((frame) => this.connection.send(frame));
    this.typing = new TypingSender((frame) => this.connection.send(frame));
    this.connection = new Connection({
      url,
      token,
      onWelcome: (welcome) => this.#welcomed(welcome),
      onFrame: (frame) => this.#receive(frame),
      onDown: () => this.#down(),
      onEnd: (error) => hooks.end?.(error),
      onTooLarge: () => this.#tooLarge(),
    });
    this.connection.subscribe(() => this.changed());
    // Another tab had an answer to a request of which this one only holds a copy.
    this.onStorage = (event) => {
      if (event.newValue !== null || !event.key?.startsWith(`${this.outbox.scope}.outbox.`)) return;
      const item = this.outbox.find(event.key.split('.').at(-1));
      if (item && item.state !== 'sent') this.#forget(item);
    };
  }

  start() {
    addEventListener('storage', this.onStorage);
    this.connection.start();
  }

  stop() {
    removeEventListener('storage', this.onStorage);
    clearTimeout(this.#pumpTimer);
    this.connection.stop();
  }

  /** Begins to watch a conversation, or goes on. */
  watch(id) {
    let conversation = this.conversations.get(id);
    if (!conversation) {
      conversation = new Conversation(id, this.own);
      this.conversations.set(id, conversation);
      this.#resume(conversation);
      this.changed();
    }
    return conversation;
  }

  leave(id) {
    const conversation = this.conversations.get(id);
    if (!conversation) return;
    this.typing.stop(id);
    this.conversations.delete(id);
    this.#ranges.delete(id);
    this.connection.send({ type: 'leave', conversation: id });
  }

  /** Puts a request into the outbox and sends it as soon as its turn comes. Returns it. */
  request(frame, options) {
    const item = this.outbox.add(frame, options);
    this.#outboxChanged(item);
    return item;
  }

  retry(clientId) {
    const item = this.outbox.retry(clientId);
    if (item) this.#outboxChanged(item);
  }

  discard(clientId) {
    const item = this.outbox.find(clientId);
    if (item) this.#forget(item);
  }

  /** What lies in the outbox for a conversation, or for the lane of an `open`. */
  pending(lane) {
    return this.outbox.items.filter((item) => item.lane === lane);
  }

  /** Loads the page before the oldest entry held. */
  async loadOlder(conversation) {
    const { timeline } = conversation;
    if (!timeline.hasOlder || conversation.loadingOlder) return;
    conversation.loadingOlder = true;
    conversation.changed();
    if (this.history) {
      const page = await this.history(conversation.id, timeline.first).catch(() => null);
      conversation.loadingOlder = false;
      conversation.olderFailed = !page;
      if (page) conversation.older(page.entries, page.more);
      else conversation.changed();
    } else if (!this.#range(conversation, { before_seq: timeline.first })) {
      conversation.loadingOlder = false;
      conversation.changed();
    }
  }

  #welcomed(welcome) {
    this.own = welcome.who.member;
    this.name = welcome.who.name;
    this.outbox.load();
    for (const conversation of this.conversations.values()) {
      conversation.own = this.own;
      this.#resume(conversation);
    }
    this.hooks.online?.(welcome);
    this.#pump();
  }

  #down() {
    this.outbox.disconnected();
    this.#ranges.clear();
    this.receipts.clear();
    this.typing.clear();
    for (const conversation of this.conversations.values()) {
      conversation.loadingOlder = false;
      conversation.following = false;
    }
    this.hooks.down?.();
    this.changed();
  }

  #resume(conversation) {
    const epoch = conversation.epoch ?? this.connection.welcome?.epoch;
    const { id, timeline } = conversation;
    // Silence is possible, a refusal too: ask again until there is an answer, or the conversation is left.
    if (this.connection.send({ type: 'resume', conversation: id, epoch, last_seq: timeline.last })) this.#resumeLater(conversation, RESUME_DUE_MS);
  }

  #resumeLater(conversation, ms) {
    clearTimeout(conversation.resumeTimer);
    conversation.resumeTimer = setTimeout(() => {
      const wanted = this.conversations.get(conversation.id) === conversation && !conversation.following;
      if (wanted) this.#resume(conversation);
    }, ms * (1 + Math.random()));
  }

  #range(conversation, bounds) {
    if (!this.connection.send({ type: 'range', conversation: conversation.id, limit: PAGE, ...bounds })) return false;
    const asked = this.#ranges.get(conversation.id) ?? [];
    this.#ranges.set(conversation.id, [...asked, bounds.before_seq ? 'before' : 'after']);
    return true;
  }

  /** Asks for what is missing after the last entry held, unless it was asked for already. */
  #fill(conversation) {
    if (this.#ranges.get(conversation.id)?.includes('after')) return;
    this.#range(conversation, { after_seq: conversation.timeline.last });
  }

  #receive(frame) {
    const conversation = this.conversations.get(frame.conversation);
    switch (frame.type) {
      case 'accepted':
        return this.#accepted(frame);
      case 'rejected':
        return this.#rejected(frame);
      case 'recovered':
      case 'reset':
        return conversation && this.#resumed(conversation, frame);
      case 'range':
        return conversation && this.#rangeCame(conversation, frame);
      case 'message':
      case 'activity':
        return conversation && this.#entries(conversation, [frame.entry]);
      case 'delivered':
      case 'read':
        return conversation?.receipt(frame.member, frame.type, frame.up_to_seq);
      case 'persisted':
        return conversation?.persisted(frame.up_to_seq);
      case 'failed':
        return conversation?.failed(frame.seq, frame.code);
      case 'typing':
        return conversation?.typing(frame.author, frame.active);
      case 'error':
        return conversation ? this.#refused(conversation, frame) : this.hooks.frame?.(frame);
      default:
        return this.hooks.frame?.(frame);
    }
  }

  #resumed(conversation, frame) {
    conversation.epoch = frame.epoch;
    const added = conversation.resumed(frame);
    this.#settleOwn(added);
    this.hooks.entries?.(conversation, added, { live: false });
    if (frame.type === 'recovered' && frame.more) this.#fill(conversation);
    if (conversation.behind) this.#checkLater(conversation);
    this.receipts.arrived(conversation);
  }

  #rangeCame(conversation, { entries, more }) {
    // The answer does not say which question it belongs to; its numbers do, and for an empty one the order of asking.
    const way = this.#ranges.get(conversation.id)?.shift();
    const older = entries.length ? entries.at(-1).seq < conversation.timeline.first : way === 'before';
    if (older) {
      conversation.loadingOlder = false;
      return conversation.older(entries, more);
    }
    const before = conversation.timeline.last;
    this.#entries(conversation, entries);
    if (more && conversation.timeline.last > before) this.#fill(conversation);
    return undefined;
  }

  #entries(conversation, entries) {
    const added = conversation.receive(entries);
    this.#settleOwn(added);
    this.hooks.entries?.(conversation, added, { live: true });
    this.receipts.arrived(conversation);
    if (conversation.timeline.gap) this.#fill(conversation);
    if (conversation.behind) this.#checkLater(conversation);
  }

  // An answer or a range may be lost to a refusal: look again after a while, for as long as something is missing.
  #checkLater(conversation) {
    if (this.#checks.has(conversation.id)) return;
    const timer = setTimeout(() => {
      this.#checks.delete(conversation.id);
      if (this.conversations.get(conversation.id) !== conversation || !conversation.behind) return;
      this.#ranges.delete(conversation.id);
      if (conversation.following) this.#fill(conversation);
      this.#checkLater(conversation);
    }, SETTLE_MS);
    this.#checks.set(conversation.id, timer);
  }

  // The log itself shows an own request: it was accepted, whether or not the answer reaches us.
  #settleOwn(entries) {
    for (const entry of entries) {
      if (entry.author.member.id !== this.own?.id) continue;
      const item = this.outbox.find(entry.client_id);
      if (item && item.frame.type !== 'open') this.#forget(item);
    }
    this.#pump();
  }

  #accepted(frame) {
    const item = this.outbox.accepted(frame.client_id, frame.conversation);
    if (!item) return;
    const conversation = this.conversations.get(frame.conversation);
    conversation?.accepted(item, frame);
    if (conversation?.behind) this.#checkLater(conversation);
    this.hooks.accepted?.(item, frame);
    this.#outboxChanged(item);
  }

  #rejected(frame) {
    const item = this.outbox.rejected(frame.client_id, frame);
    if (!item) return;
    if (!frame.retryable) this.hooks.rejected?.(item, frame);
    this.#outboxChanged(item);
  }

  #refused(conversation, { code }) {
    this.#ranges.delete(conversation.id);
    conversation.loadingOlder = false;
    conversation.problem = code;
    conversation.changed();
    if (conversation.following) return;
    if (!mayPass({ code })) clearTimeout(conversation.resumeTimer);
    else this.#resumeLater(conversation, ASK_AGAIN_MS);
  }

  // What was in flight when the desk found a frame too large would only close the next socket too.
  #tooLarge() {
    for (const item of this.outbox.items.filter(({ state }) => state === 'sent')) {
      this.outbox.rejected(item.client_id, { code: 'too_large', detail: '', retryable: false });
    }
  }

  #forget(item) {
    this.outbox.forget(item.client_id);
    this.#outboxChanged(item);
  }

  #outboxChanged(item) {
    this.conversations.get(item.frame.conversation)?.changed();
    this.changed();
    this.#pump();
  }

  #pump() {
    clearTimeout(this.#pumpTimer);
    if (!this.connection.online) return;
    const now = Date.now();
    this.outbox.expire(now);
    for (const item of this.outbox.ready(now)) {
      if (!this.connection.send(this.outbox.frame(item))) return;
      this.outbox.sent(item);
    }
    const next = this.outbox.nextTime(now);
    if (next !== null) this.#pumpTimer = setTimeout(() => this.#pump(), Math.max(20, next - now));
  }
}
