// An agent at work: the connection, the lists, the conversation on screen, and what the agent can do to it.

import { Observable } from './shared/observable.js';
import { CatchUp } from './shared/catch_up.js';
import { Desk } from './shared/desk.js';
import { uuidv7Maker } from './shared/uuidv7.js';
import { cleanText } from './shared/message_text.js';
import { ago } from './shared/time.js';
import { isolated } from './shared/isolate.js';
import { Rows } from './rows.js';
import { Unread } from './unread.js';
import { Toasts } from './toasts.js';
import { Drafts } from './drafts.js';
import { Directory } from './directory.js';
import { Ledger } from './ledger.js';
import { mayEverywhere } from './permissions.js';

/** Conversations of one's own that are followed without being on screen, so that their messages count as delivered. */
const FOLLOWED = 15;

export class Workspace extends Observable {
  tab = 'mine';
  search = '';
  /** Id of the conversation on screen, or null. */
  current = null;
  /** What is on screen in place of conversations: `ledger`, or null. */
  page = null;
  #ledger = null;
  /** online or away, as this agent chose. */
  presence = 'online';
  /** A wish to write, from the keyboard: `{note}`; a new object each time. */
  composing = null;
  #newId = uuidv7Maker();
  #unsubscribe = [];

  constructor({ session, agent }) {
    super();
    const { api, storage } = session;
    const scope = `frontdesk.console.${agent.id}`;
    Object.assign(this, { session, agent, api });
    this.rows = new Rows({ api, me: agent.id });
    this.unread = new Unread({ storage, scope });
    this.drafts = new Drafts({ storage, scope });
    this.directory = new Directory(api);
    this.toasts = new Toasts();
    this.desk = new Desk({
      side: 'agent',
      own: { kind: 'agent', id: agent.id },
      url: `${location.origin.replace(/^http/, 'ws')}/ws/console`,
      token: (how) => api.token(how),
      storage,
      scope,
      newId: this.#newId,
      history: (id, before_seq) => api.get(`conversations/${id}/messages`, { before_seq, limit: 50 }),
      hooks: {
        online: () => this.#online(),
        down: () => this.catchUp.offline(),
        frame: (frame) => this.#frame(frame),
        entries: (conversation, entries) => entries.forEach((entry) => this.rows.fold(conversation.id, entry)),
        rejected: (item, frame) => this.#rejected(item, frame),
      },
    });
    this.catchUp = new CatchUp({
      send: (frame) => this.desk.connection.send(frame),
      take: (rows) => this.rows.takeAll(rows),
      reload: () => this.rows.reloadAll(),
    });
  }

  start() {
    this.#unsubscribe.push(this.rows.subscribe(() => this.#rowsChanged()));
    addEventListener('hashchange', this.#route);
    for (const tab of ['mine', 'unassigned', 'open']) this.rows.load(tab);
    this.directory.load();
    this.#route();
    this.desk.start();
  }

  close() {
    removeEventListener('hashchange', this.#route);
    this.#unsubscribe.forEach((end) => end());
    this.desk.stop();
  }

  /** May give any conversation to anybody. */
  get leads() {
    return mayEverywhere(this.agent.grants, 'assign_others');
  }

  /** May see the tenant's ledger. */
  get oversees() {
    return mayEverywhere(this.agent.grants, 'oversee');
  }

  /** May have records processed again that no worker could process. */
  get handlesDeadLetters() {
    return mayEverywhere(this.agent.grants, 'handle_dead_letters');
  }

  get administers() {
    return mayEverywhere(this.agent.grants, 'administer');
  }

  /** The tenant's ledger; what it knew stays until the agent leaves. */
  openLedger() {
    return (this.#ledger ??= new Ledger(this.api));
  }

  /** The conversation on screen, as watched. */
  get conversation() {
    return this.desk.conversations.get(this.current) ?? null;
  }

  selectTab(tab) {
    this.tab = tab;
    if (this.page) this.open(null);
    if (this.rows.stateOf(tab) === 'idle' || this.rows.stateOf(tab) === 'failed') this.rows.load(tab);
    this.changed();
  }

  find(text) {
    this.search = text;
    this.changed();
  }

  /** The rows under the chosen tab that match the search. */
  shownRows() {
    const wanted = this.search.trim().toLocaleLowerCase();
    const rows = this.rows.of(this.tab);
    return wanted ? rows.filter((row) => row.contact_name.toLocaleLowerCase().includes(wanted)) : rows;
  }

  open(id) {
    location.hash = id ? `#/conversations/${id}` : '#/';
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
    if (id && (fields.tag || !this.busy(id, type))) this.desk.request({ type, conversation: id, ...fields });
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

  /** The end of the conversation on screen was seen by somebody. */
  seen(conversation) {
    if (document.visibilityState !== 'visible') return;
    this.desk.receipts.shown(conversation);
    const row = this.rows.get(conversation.id);
    if (row && this.unread.look(row)) this.#rowsChanged();
  }

  choosePresence(state) {
    this.presence = state;
    this.desk.connection.send({ type: 'presence', state });
    this.changed();
  }

  get unreadCount() {
    return [...this.rows.of('mine'), ...this.rows.of('unassigned')].filter((row) => this.unread.has(row)).length;
  }

  #route = () => {
    const id = /^#\/conversations\/([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? null;
    const page = location.hash === '#/ledger' && this.oversees ? 'ledger' : null;
    if (id === this.current && page === this.page) return;
    Object.assign(this, { current: id, page });
    if (id && !this.rows.get(id)) this.rows.loadOne(id).catch(() => null);
    this.#follow();
    this.changed();
  };

  /** The role or the name changed: everything on screen shows what is allowed now. */
  #stand({ name, role, grants }) {
    this.agent = { ...this.agent, name, role, grants };
    this.#route();
    this.changed();
  }

  #online() {
    // What changed while this console was away is not told live.
    this.api.get('me').then((agent) => this.#stand(agent), () => null);
    this.desk.connection.send({ type: 'presence', state: this.presence });
    this.catchUp.online();
    this.rows.loadFailed();
    this.directory.load();
  }

  #frame(frame) {
    if (frame.type === 'feed') this.catchUp.receive(frame);
    if (frame.type === 'error' && !frame.conversation) this.catchUp.refused(frame.code);
    if (frame.type === 'conversation') this.rows.take(frame.summary);
    if (frame.type === 'standing') this.#stand(frame);
    if (frame.type === 'presence') this.directory.presence(frame.member, frame.state);
  }

  #rowsChanged() {
    this.#follow();
    const count = this.unreadCount;
    document.title = count ? `(${count}) Frontdesk` : 'Frontdesk';
    this.changed();
  }

  #follow() {
    const wanted = new Set(this.rows.of('mine').slice(0, FOLLOWED).map((row) => row.conversation));
    if (this.current) wanted.add(this.current);
    for (const id of wanted) this.desk.watch(id);
    for (const id of [...this.desk.conversations.keys()]) if (!wanted.has(id)) this.desk.leave(id);
  }

  #rejected(item, { code, winner }) {
    if (item.frame.type === 'say' || item.frame.type === 'note') return;
    const { t, language } = this.session;
    this.desk.discard(item.client_id);
    const words = winner
      ? t('lost_claim', { name: isolated(winner.name), ago: ago(winner.at, language, this.desk.connection.now) })
      : t('refused', { what: t(`act_${item.frame.type}`), why: t(`code_${code}`) });
    this.toasts.show(words, winner ? 'claim' : 'error');
  }
}
