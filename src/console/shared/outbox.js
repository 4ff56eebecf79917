// Requests that the desk has not answered for good.
//
// Each lives under its own key in the browser's storage from the moment it is made until `accepted` or a final
// `rejected`: a reload, a crash or a night without a network loses nothing. One key each, so that two tabs never
// overwrite one another's list; when both send the same request, the same client_id gets the same answer.
//
// Requests of one lane (a conversation, or an `open` that will become one) are in flight one at a time, so that their
// order is the order of writing.

import { parsed } from './storage.js';
import { retryDelay } from './backoff.js';

/** After this long without an answer on a living socket, the outcome is unknown and the request is repeated. */
export const ANSWER_DUE_MS = 10_000;

export class Outbox {
  #items = [];

  /** `scope` begins every key: whose requests these are. */
  constructor({ storage, scope, newId, now = Date.now, random = Math.random }) {
    Object.assign(this, { storage, scope, newId, now, random });
    this.load();
  }

  /**
   * All requests, oldest first: `{client_id, lane, frame, at, state, attempts, error}`; state is queued, sent or
   * failed.
   */
  get items() {
    return this.#items;
  }

  /** Takes in what storage holds: from before a reload, or from a tab that is gone. */
  load() {
    for (const key of this.storage.keys(this.#prefix)) {
      const item = parsed(this.storage.get(key));
      if (!item?.client_id || !item.frame || this.find(item.client_id)) continue;
      this.#items.push({ attempts: 0, error: null, ...item, state: item.state === 'failed' ? 'failed' : 'queued', notBefore: 0, repeat: true });
    }
    this.#sort();
    // A clock that was set back must not put what comes next before what is waiting.
    if (this.#items.length) this.newId.goOnAfter(this.#items.at(-1).client_id);
  }

  /**
   * Adds a request. `lane` defaults to its conversation; a request without either waits for nothing but itself.
   * `clientId` names it, in place of a new name.
   */
  add(frame, { lane = null, extra = null, clientId = null } = {}) {
    const client_id = clientId ?? this.newId();
    const item = {
      client_id,
      lane: lane ?? frame.conversation ?? client_id,
      frame: { ...frame, client_id },
      at: this.now(),
      extra,
      state: 'queued',
      attempts: 0,
      notBefore: 0,
      error: null,
    };
    this.#items.push(item);
    this.#save(item);
    return item;
  }

  find(clientId) {
    return this.#items.find((item) => item.client_id === clientId) ?? null;
  }

  /**
   * What may be sent now: the head of each lane (the `open` that it waits for, else its oldest), unless it is in
   * flight, waits for its time, or for its conversation.
   */
  ready(now = this.now()) {
    const heads = new Map();
    for (const item of this.#items) {
      if (item.state !== 'failed' && (!heads.has(item.lane) || item.frame.type === 'open')) heads.set(item.lane, item);
    }
    return [...heads.values()].filter(
      (item) => item.state === 'queued' && item.notBefore <= now && (item.frame.type === 'open' || item.frame.conversation),
    );
  }

  /**
   * When `ready` or `expire` will next find something by the passing of time alone, or null. Call it with the `now`
   * that they were called with; otherwise what became due in between is missed.
   */
  nextTime(now = this.now()) {
    const times = this.#items.flatMap((item) => {
      if (item.state === 'sent') return [item.sentAt + ANSWER_DUE_MS];
      return item.state === 'queued' && item.notBefore > now ? [item.notBefore] : [];
    });
    return times.length ? Math.min(...times) : null;
  }

  /** The frame to send: from the second time on it says so, and then even a refusal is final for every copy of it. */
  frame(item) {
    return item.repeat && item.frame.type !== 'open' ? { ...item.frame, repeat: true } : item.frame;
  }

  sent(item) {
    Object.assign(item, { state: 'sent', sentAt: this.now(), attempts: item.attempts + 1, repeat: true });
  }

  /** The socket is gone: whatever was in flight has an unknown outcome and is sent again, under the same name. */
  disconnected() {
    for (const item of this.#items) if (item.state === 'sent') item.state = 'queued';
  }

  /** Puts back what has waited too long for its answer; returns whether there was any. */
  expire(now = this.now()) {
    const late = this.#items.filter((item) => item.state === 'sent' && item.sentAt + ANSWER_DUE_MS <= now);
    for (const item of late) item.state = 'queued';
    return late.length > 0;
  }

  /**
   * Accepted, in `conversation`. Requests that waited for an `open` learn where they go. Returns the request, or null.
   */
  accepted(clientId, conversation) {
    const item = this.find(clientId);
    if (item?.frame.type === 'open') {
      for (const waiting of this.#items.filter((other) => other.lane === clientId && other !== item)) {
        waiting.lane = conversation;
        waiting.frame.conversation = conversation;
        this.#save(waiting);
      }
    }
    // Last, so that a crash in between repeats the `open` instead of orphaning what waits for it.
    if (item) this.forget(clientId);
    return item;
  }

  /**
   * Gives an `open` that was never sent another name, and takes along what waits for it. If there is a request of that
   * name, they wait for that one.
   */
  rename(clientId, name) {
    const item = this.find(clientId);
    const other = this.find(name);
    if (!item || clientId === name || (other && other.state === 'failed')) return;
    // The new one first, so that a crash in between leaves two instead of none.
    if (!other) {
      const renamed = { ...item, client_id: name, lane: name, frame: { ...item.frame, client_id: name } };
      this.#items.push(renamed);
      this.#save(renamed);
    }
    for (const waiting of this.#items.filter(({ lane, client_id }) => lane === clientId && client_id !== clientId)) this.waitFor(waiting.client_id, name);
    this.forget(clientId);
    this.#sort();
  }

  /** A message without a conversation waits for this `open` from now on. */
  waitFor(clientId, opening) {
    const item = this.find(clientId);
    if (!item) return;
    item.lane = opening;
    this.#save(item);
  }

  /** The sender's conversation is known: all that waits for an `open` goes there, and no `open` is needed any more. */
  entered(conversation) {
    for (const item of this.#items.filter(({ frame, state }) => frame.type !== 'open' && !frame.conversation && state !== 'failed')) {
      item.lane = conversation;
      item.frame.conversation = conversation;
      this.#save(item);
    }
    for (const item of this.#items.filter(({ frame, state }) => frame.type === 'open' && state !== 'failed')) this.forget(item.client_id);
  }

  /**
   * Refused. Comes back by itself if retryable; else it has failed, and so has what waits for it. Returns the request.
   */
  rejected(clientId, { code, detail, retryable, retry_after_ms }) {
    const item = this.find(clientId);
    if (!item) return null;
    if (retryable) {
      item.state = 'queued';
      item.notBefore = this.now() + retryDelay(retry_after_ms, item.attempts, this.random);
      return item;
    }
    const fallen = item.frame.type === 'open' ? this.#items.filter((other) => other.lane === clientId) : [item];
    for (const one of fallen) {
      Object.assign(one, { state: 'failed', error: { code, detail } });
      this.#save(one);
    }
    return item;
  }

  /** Sends a failed request once more: as a new one, because a rejected request never appears later. */
  retry(clientId) {
    const item = this.find(clientId);
    if (item?.state !== 'failed') return null;
    this.forget(clientId);
    const { client_id, ...frame } = item.frame;
    return this.add(frame, { lane: frame.conversation, extra: item.extra });
  }

  /** Drops a request: answered, or discarded by hand. */
  forget(clientId) {
    this.#items = this.#items.filter((item) => item.client_id !== clientId);
    this.storage.remove(this.#prefix + clientId);
  }

  /** Moves everything to another scope: the visitor has got an identity. */
  moveTo(scope) {
    if (scope === this.scope) return;
    for (const item of this.#items) this.storage.remove(this.#prefix + item.client_id);
    this.scope = scope;
    for (const item of this.#items) this.#save(item);
    this.load();
  }

  get #prefix() {
    return `${this.scope}.outbox.`;
  }

  #save({ client_id, lane, frame, at, extra, state, error }) {
    const kept = { client_id, lane, frame, at, extra, state: state === 'failed' ? state : 'queued', error };
    this.storage.set(this.#prefix + client_id, JSON.stringify(kept));
  }

  #sort() {
    this.#items.sort((a, b) => (a.client_id < b.client_id ? -1 : 1));
  }
}
