// An agent at work: who it is and what it may do, the connection, and the stores that screens keep until the agent
// leaves.

import { Observable } from './shared/observable.js';
import { CatchUp } from './shared/catch_up.js';
import { Desk } from './shared/desk.js';
import { uuidv7Maker } from './shared/uuidv7.js';
import { Conversations } from './conversations/store.js';
import { Directory } from './directory.js';
import { EffectiveSettings } from './effective_settings.js';
import { mayEverywhere } from './permissions.js';
import { Router } from './router.js';
import { SCREENS } from './screens/table.js';
import { Toasts } from './toasts.js';

export class Workspace extends Observable {
  /** online or away, as this agent chose here or elsewhere. The desk remembers it and tells it. */
  presence = 'online';
  /** A choice that the desk has not heard of yet. */
  #unsent = null;
  toasts = new Toasts();
  #stores = new Map();

  constructor({ session, agent }) {
    super();
    const { api, storage } = session;
    const scope = `frontdesk.console.${agent.id}`;
    Object.assign(this, { session, agent, api, screens: session.screens, router: new Router(SCREENS), directory: new Directory(api), settings: new EffectiveSettings(api) });
    this.desk = new Desk({
      side: 'agent',
      own: { kind: 'agent', id: agent.id },
      url: `${location.origin.replace(/^http/, 'ws')}/ws/console`,
      token: (how) => api.token(how),
      storage,
      scope,
      newId: uuidv7Maker(),
      history: (id, before_seq) => api.get(`conversations/${id}/messages`, { before_seq, limit: 50 }),
      hooks: {
        online: () => this.#online(),
        down: () => this.catchUp.offline(),
        frame: (frame) => this.#frame(frame),
        entries: (conversation, entries) => this.conversations.fold(conversation.id, entries),
        rejected: (item, frame) => this.conversations.rejected(item, frame),
      },
    });
    // Conversations are followed whichever screen is shown, so their store begins with the workspace.
    this.conversations = new Conversations({ workspace: this, storage, scope });
    const { rows } = this.conversations;
    this.catchUp = new CatchUp({
      send: (frame) => this.desk.connection.send(frame),
      take: (changed) => rows.takeAll(changed),
      reload: () => rows.reloadAll(),
    });
  }

  start() {
    this.directory.load();
    this.conversations.start();
    this.router.start();
    this.desk.start();
  }

  close() {
    this.router.close();
    this.conversations.close();
    this.directory.close();
    this.desk.stop();
  }

  /** Whether this agent has `permission` on everything of the tenant. */
  may(permission) {
    return mayEverywhere(this.agent.grants, permission);
  }

  /** What a screen keeps under `name` while the agent is signed in; made by `make` when it is first asked for. */
  store(name, make) {
    if (!this.#stores.has(name)) this.#stores.set(name, make());
    return this.#stores.get(name);
  }

  choosePresence(state) {
    this.presence = state;
    this.#unsent = this.desk.connection.send({ type: 'presence', state }) ? null : state;
    this.changed();
  }

  /** The role or the name changed: everything on screen shows what is allowed now. */
  #stand({ name, role, grants }) {
    this.agent = { ...this.agent, name, role, grants };
    this.changed();
    // Which conversations may be seen may be others now: nothing that was listed before stays.
    this.conversations.rows.clear();
    this.conversations.rows.reloadAll();
  }

  /**
   * The same after a time offline: catching up says what changed, so lists are read anew only when the rights changed.
   */
  #renew(agent) {
    if (JSON.stringify(agent.grants) !== JSON.stringify(this.agent.grants)) return this.#stand(agent);
    this.agent = { ...this.agent, name: agent.name, role: agent.role };
    return this.changed();
  }

  #online() {
    // What changed while this console was away is not told live.
    this.api.get('me').then((agent) => this.#renew(agent), () => null);
    // If the agent is away, the desk says so right after this.
    if (this.#unsent) this.choosePresence(this.#unsent);
    else this.presence = 'online';
    this.catchUp.online();
    this.conversations.rows.loadFailed();
    this.directory.load();
    this.settings.refresh();
  }

  #hearPresence({ member, state }) {
    this.directory.presence(member, state);
    if (member.id !== this.agent.id || member.kind !== 'agent' || this.#unsent) return;
    this.presence = state;
    this.changed();
  }

  #frame(frame) {
    if (frame.type === 'feed') this.catchUp.receive(frame);
    if (frame.type === 'error' && !frame.conversation) this.catchUp.refused(frame.code);
    if (frame.type === 'conversation') this.conversations.rows.take(frame.summary);
    if (frame.type === 'hidden') this.conversations.hide(frame.conversation);
    if (frame.type === 'standing') this.#stand(frame);
    if (frame.type === 'agents_changed') this.directory.loadSoon();
    if (frame.type === 'settings_changed') this.settings.refresh();
    if (frame.type === 'presence') this.#hearPresence(frame);
  }
}
