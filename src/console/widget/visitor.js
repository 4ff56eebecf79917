// Who this browser is to the inbox: an anonymous contact, remembered here so that tomorrow's visit goes on where
// today's ended.

import { parsed } from './shared/storage.js';

/** Renew a token that ends within this time. */
const EARLY_MS = 30_000;

export class Visitor {
  #token = null;
  #endsAt = 0;

  /** `about` is what the page knows of its visitor: `{name, email}`, each optional. */
  constructor({ base, inbox, about, storage }) {
    Object.assign(this, { base, inboxId: inbox, about, storage, key: `frontdesk.visitor.${inbox}` });
    this.record = parsed(storage.get(this.key)) ?? {};
  }

  /** `{id, name}`, or null before the first session. */
  get contact() {
    return this.record.contact ?? null;
  }

  get conversation() {
    return this.record.conversation ?? null;
  }

  /** Name, greeting and settings of the inbox, from the last session on. */
  get inbox() {
    return this.record.inbox ?? null;
  }

  remember(changes) {
    // Another tab may have written meanwhile.
    this.record = { ...parsed(this.storage.get(this.key)), ...this.record, ...changes };
    this.storage.set(this.key, JSON.stringify(this.record));
  }

  /** A token for the socket, from a new session if need be. `renewed(answer)` hears of each session. */
  async token({ refused }, renewed) {
    if (!refused && this.#token && Date.now() < this.#endsAt - EARLY_MS) return this.#token;
    let answer = await this.#session(this.record.token ?? null);
    // A token that the desk no longer takes: begin anew rather than stay outside for ever.
    if (answer.status === 401 && this.record.token) answer = await this.#session(null);
    if (!answer.ok) {
      const disabled = answer.body.code === 'inbox_disabled';
      const refused = disabled || answer.status === 403 || answer.status === 404;
      const code = disabled ? 'inbox_disabled' : refused ? 'forbidden' : 'unreachable';
      throw { code, retryAfterMs: answer.body.retry_after_ms ?? (refused ? 30_000 : 0) };
    }
    const { token, expires_in, contact, inbox, conversation } = answer.body;
    this.#token = token;
    this.#endsAt = Date.now() + expires_in * 1000;
    const same = this.contact?.id === contact.id;
    // The desk may not have filed yet what we opened a moment ago. Ids begin with their time: the greater is the newer.
    const known = [conversation, same && this.conversation].filter(Boolean).sort();
    this.remember({ token, contact, inbox, conversation: known.at(-1) ?? null });
    renewed({ same });
    return token;
  }

  async #session(token) {
    const response = await fetch(`${this.base}api/v1/widget/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inbox: this.inboxId, token, ...this.about }),
      credentials: 'omit',
    }).catch(() => null);
    const body = (await response?.json().catch(() => null)) ?? {};
    return { ok: Boolean(response?.ok && body.token), status: response?.status ?? 0, body };
  }
}
