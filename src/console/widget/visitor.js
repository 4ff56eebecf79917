// Who this browser is to the inbox: a contact, remembered here so that tomorrow's visit goes on where today's ended.
// All tabs of a site share it.

import { exclusively } from './shared/exclusive.js';
import { kindOf } from './shared/refusals.js';
import { parsed } from './shared/storage.js';
import { Introduction } from './introduction.js';

/** Renew a token that ends within this time. */
const EARLY_MS = 30_000;
/** A desk that says nothing for this long has not heard the question. */
const ANSWER_DUE_MS = 15_000;

export class Visitor {
  #token = null;
  #endsAt = 0;
  #warned = false;

  constructor({ base, inbox, storage }) {
    Object.assign(this, { base, inboxId: inbox, storage, key: `frontdesk.visitor.${inbox}`, introduction: Introduction.none() });
    /**
     * What all tabs share: token, contact, conversation, inbox, `seen` (the last number read), `person` (of the
     * introduction), and `generation`, another word for each person.
     */
    this.record = this.#stored();
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
    return this.record.inbox ?? this.lastInbox ?? null;
  }

  /** Another word for each person who used this browser. */
  get generation() {
    return this.record.generation ?? '';
  }

  /**
   * The page says who its visitor is, by its script tag or by a call of its script. Gives `same`; `known` for a visitor
   * who was unknown until now, stays who it is, and is known from now on; or `another` for another person than before,
   * who begins with nothing. A tag that says nothing does not take back what a script said.
   */
  introduce(introduction, by) {
    this.record = this.#stored();
    const before = this.record.person ?? '';
    const { person } = introduction;
    if (person === '' && by === 'tag' && this.record.by === 'script') return 'same';
    this.introduction = introduction;
    if (person === before) return introduction.proves && !this.record.identified ? 'known' : 'same';
    if (before === '') {
      this.#keep({ person, by });
      this.#endsAt = 0;
      return 'known';
    }
    this.#startAnew({ person, by });
    return 'another';
  }

  /** The next visitor of this browser begins with nothing. */
  reset() {
    this.introduction = Introduction.none();
    this.#startAnew({});
  }

  /** Writes down what changed, unless another tab has another person by now; says whether it did. */
  remember(changes) {
    const stored = this.#stored();
    if ((stored.generation ?? '') !== this.generation) return false;
    this.record = { ...this.record, ...stored };
    this.#keep(changes);
    return true;
  }

  /** Takes in what another tab wrote. */
  reread() {
    const before = this.record;
    this.record = this.#stored();
    if (before.generation !== this.record.generation || before.contact?.id !== this.record.contact?.id) this.#endsAt = 0;
    return before;
  }

  /** A token for the socket, from a new session if need be. `renewed(answer)` hears of each session. */
  async token({ refused }, renewed) {
    if (!refused && this.#token && Date.now() < this.#endsAt - EARLY_MS) return this.#token;
    const { generation } = this;
    // One tab after the other: the second one goes on as the contact that the first one became.
    const session = await exclusively(`${this.key}.session`, () => this.#session(generation));
    if (session.moved) throw { code: 'unreachable', status: 0 };
    renewed(session);
    return this.#token;
  }

  async #session(generation) {
    const stored = this.#stored();
    if ((stored.generation ?? '') !== generation) return { moved: true };
    this.record = { ...this.record, ...stored };
    const { person } = this.record;
    let answer = await this.#ask(this.record.token ?? null, this.introduction);
    // A token that the desk no longer takes: begin anew rather than stay outside for ever.
    if (kindOf(answer) === 'sign_in' && this.record.token) answer = await this.#ask(null, this.introduction);
    // What the page says of its visitor is never worth more than the chat itself.
    if (answer.code === 'identity_refused') {
      this.#warn(answer);
      answer = await this.#ask(this.record.token ?? null, this.introduction.unproven());
    }
    if (kindOf(answer) === 'wrong' && this.introduction.says) answer = await this.#ask(this.record.token ?? null, Introduction.none());
    if (!answer.ok) {
      this.#warn(answer);
      throw { code: answer.code, status: answer.status, retryAfterMs: answer.body.retry_after_ms };
    }
    // The page may have introduced another person, or this one, while the answer was on its way.
    if (this.generation !== generation || this.record.person !== person) return { moved: true };
    const { token, expires_in, contact, inbox, conversation, identified = false } = answer.body;
    const same = this.contact?.id === contact.id;
    // The desk may not have filed yet what we opened a moment ago. Ids begin with their time: the greater is the newer.
    const known = [conversation, same && this.conversation].filter(Boolean).sort();
    if (!this.remember({ token, contact, inbox, identified, conversation: known.at(-1) ?? null, ...(same ? {} : { seen: 0 }) })) return { moved: true };
    this.#token = token;
    this.#endsAt = Date.now() + expires_in * 1000;
    return { same };
  }

  async #ask(token, introduction) {
    const response = await fetch(`${this.base}api/v1/widget/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inbox: this.inboxId, token, ...introduction.body }),
      credentials: 'omit',
      signal: AbortSignal.timeout?.(ANSWER_DUE_MS),
    }).catch(() => null);
    const body = (await response?.json().catch(() => null)) ?? {};
    // Something between us and the desk may answer in its place.
    const ok = Boolean(response?.ok && body.token);
    const code = ok ? null : (body.code ?? (response && !response.ok ? `http_${response.status}` : 'unreachable'));
    return { ok, status: response?.ok ? 0 : (response?.status ?? 0), code, body };
  }

  /** One line for those who build the page; visitors read the widget. */
  #warn({ code, status }) {
    if (this.#warned || kindOf({ code, status }) === 'again') return;
    this.#warned = true;
    if (code === 'identity_refused') {
      console.warn('Frontdesk: the identity of the visitor is not proven: no secret of the inbox made this proof, or its time is over. The chat goes on without it.');
      return;
    }
    const why = code === 'forbidden_origin' ? `pages of ${location.origin} may not show the inbox ${this.inboxId}; add this origin to the inbox` : code;
    console.warn(`Frontdesk: the chat is not available: ${why}.`);
  }

  #startAnew(changes) {
    // What the tenant set is no secret of a visitor.
    this.lastInbox = this.inbox;
    this.#endsAt = 0;
    this.record = { generation: newGeneration() };
    this.#keep(changes);
  }

  #keep(changes) {
    this.record = { ...this.record, ...changes };
    this.storage.set(this.key, JSON.stringify(this.record));
  }

  #stored() {
    return parsed(this.storage.get(this.key)) ?? {};
  }
}

// Pages served over plain http have no crypto.randomUUID.
const newGeneration = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
