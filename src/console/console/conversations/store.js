// The lists of conversations, the one on screen, and what the agent can do to it.

import { Observable } from '../shared/observable.js';
import { cleanText } from '../shared/message_text.js';
import { ago } from '../shared/time.js';
import { isolated } from '../shared/isolate.js';
import { Drafts } from './drafts.js';
import { Rows } from './rows.js';
import { Search } from './search.js';
import { Unread } from './unread.js';

/** Conversations of one's own that are followed without being on screen, so that their messages count as delivered. */
const FOLLOWED = 15;

export class Conversations extends Observable {
  tab = 'mine';
  /** Id of the conversation on screen, or null. */
  current = null;
  /** A wish to write, from the keyboard: `{note}`; a new object each time. */
  composing = null;
  #workspace;
  #unsubscribe = [];

  constructor({ workspace, storage, scope }) {
    super();
    this.#workspace = workspace;
    this.desk = workspace.desk;
    this.rows = new Rows({ api: workspace.api, me: workspace.agent.id });
    this.search = new Search({ api: workspace.api, rows: this.rows, changed: () => this.changed() });
    this.unread = new Unread({ storage, scope });
    this.drafts = new Drafts({ storage, scope });
  }

  start() {
    const { router, settings } = this.#workspace;
    this.#unsubscribe.push(settings.subscribe(() => this.#rowsChanged()));
    this.#unsubscribe.push(this.rows.subscribe(() => this.#rowsChanged()), router.subscribe(() => this.#moved()));
    for (const tab of ['mine', 'unassigned', 'open']) this.rows.load(tab);
  }

  close() {
    this.#unsubscribe.forEach((end) => end());
  }

  get agent() {
    return this.#workspace.agent;
  }

  /** May give others' conversations to anybody, in part of the tenant at least; where, the server says. */
  get leads() {
    return this.agent.grants.some(({ permission, scope }) => permission === 'assign_others' && scope !== 'own');
  }

  /** The conversation on screen, as watched. */
  get conversation() {
    return this.desk.conversations.get(this.current) ?? null;
  }

  selectTab(tab) {
    this.tab = tab;
    if (this.#workspace.router.route.screen?.name !== 'conversations') this.open(null);
    if (this.rows.stateOf(tab) === 'idle' || this.rows.stateOf(tab) === 'failed') this.rows.load(tab);
    this.changed();
  }

  /** The rows under the chosen tab that match the search. */
  shownRows() {
    return this.search.matching(this.rows.of(this.tab));
  }

  open(id) {
    this.#workspace.router.go(id ? `conversations/${id}` : '');
  }

  /** Where a conversation stands, by the freshest source: who holds it and in which status. */
  standing(id) {
    const watched = this.desk.conversations.get(id);
    return watched?.ready ? watched : this.rows.get(id);
  }

  /** The request of a kind that waits for an answer, if any: its button shows as busy. */
  busy(id, ...types) {
    return this.desk.pending(id).find((item) => types.includes(item.frame.type) && item.state !== 'failed') ?? null;
  }

  act(type, fields = {}, id = this.current) {
    // A second click while the first is under way says nothing new; a second tag does.
    if (id && (fields.tag || fields.change || !this.busy(id, type))) this.desk.request({ type, conversation: id, ...fields });
  }

  write(kind, text, id = this.current) {
    const clean = cleanText(text);
    if (!id || !clean) return false;
    this.desk.typing.stop(id);
    this.desk.request({ type: kind, conversation: id, text: clean });
    return true;
  }

  /** Puts the cursor into the composer, for a reply or for a note. */
  compose(note) {
    this.composing = { note };
    this.changed();
  }

  /** A conversation may not be seen any more: nothing of it stays. */
  hide(id) {
    this.desk.leave(id);
    this.rows.drop(id);
    if (this.current === id) this.open(null);
  }

  /** The end of the conversation on screen was seen by the agent. */
  seen(conversation) {
    if (document.visibilityState !== 'visible') return;
    this.desk.receipts.shown(conversation);
    const row = this.rows.get(conversation.id);
    if (row && this.unread.look(row)) this.#rowsChanged();
  }

  get unreadCount() {
    return [...this.rows.of('mine'), ...this.rows.of('unassigned')].filter((row) => this.unread.has(row)).length;
  }

  /** Folds new entries of a watched conversation into its row. */
  fold(id, entries) {
    entries.forEach((entry) => this.rows.fold(id, entry));
  }

  /** A request was refused for good. Messages stay where they are, marked; of anything else a toast tells. */
  rejected(item, { code, winner }) {
    if (item.frame.type === 'say' || item.frame.type === 'note') return;
    const { session, toasts } = this.#workspace;
    const { t, language } = session;
    this.desk.discard(item.client_id);
    const words = winner
      ? t('lost_claim', { name: isolated(winner.name), ago: ago(winner.at, language, this.desk.connection.now) })
      : t('refused', { what: t(`act_${item.frame.type}`), why: t(`code_${code}`) });
    toasts.show(words, winner ? 'claim' : 'error');
  }

  #moved() {
    const { screen, params } = this.#workspace.router.route;
    const id = screen?.name === 'conversations' ? (params.id ?? null) : null;
    if (id === this.current) return;
    this.current = id;
    if (id && !this.rows.get(id)) this.rows.loadOne(id).catch(() => null);
    this.#follow();
    this.changed();
  }

  #rowsChanged() {
    this.#follow();
    const count = this.unreadCount;
    const name = this.#workspace.settings.tenant?.values.general.display_name || 'Frontdesk';
    document.title = count ? `(${count}) ${name}` : name;
    this.changed();
  }

  #follow() {
    const wanted = new Set(this.rows.of('mine').slice(0, FOLLOWED).map((row) => row.conversation));
    if (this.current) wanted.add(this.current);
    for (const id of wanted) this.desk.watch(id);
    for (const id of [...this.desk.conversations.keys()]) if (!wanted.has(id)) this.desk.leave(id);
  }
}
