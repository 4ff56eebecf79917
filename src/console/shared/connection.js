// One socket to the desk, kept alive: hello, welcome, heartbeat, reconnect.
//
// A socket can look open for minutes after the network is gone, so liveness is judged by what arrives. The desk pings
// before it has heard nothing from us for `heartbeat_ms`. It may hear us and have nothing to say itself, so when
// nothing came for a little longer than that we ask; without an answer within the deadline, the socket is given up.

import { Observable } from './observable.js';
import { reconnectDelay } from './backoff.js';
import { kindOf } from './refusals.js';

const SUBPROTOCOL = 'frontdesk.v1.json';
const WELCOME_DUE_MS = 10_000;
const PROBE_DUE_MS = 3_000;
/** A connection that lived this long starts the next count of attempts anew. */
const STEADY_MS = 5_000;
const UNAUTHORISED = 4003;
const POLICY = 1008;
/** After this long without a connection it is tried rarely, and not at all while the page is not looked at. */
const IN_VAIN_MS = 60 * 60_000;
const RARELY_MS = 5 * 60_000;

export class Connection extends Observable {
  /**
   * connecting (first time), online, reconnecting, offline (the browser has no network either), or stopped: refused, or
   * in vain for too long on a page that is not looked at. Then only `retryNow`, or after trying in vain a look at the
   * page, begins anew.
   */
  state = 'connecting';
  /** The last `welcome`. */
  welcome = null;
  /** Why there is no connection, if the desk said so: the code of a problem, or null. */
  problem = null;
  #socket = null;
  #timers = { retry: null, ask: null, watch: null, steady: null };
  #attempt = 0;
  #notBefore = 0;
  #tokenRefused = false;
  #kind = null;
  #downSince = null;
  #stopped = true;
  #run = 0;

  /**
   * `token({refused})` gives a token, a new one if the last was refused. It may throw a refusal, `{code, status,
   * retryAfterMs}`: what does not pass by itself stops the connection, and `{final: true}` ends the matter.
   */
  constructor({ url, token, onWelcome, onFrame, onDown, onEnd = () => {}, onTooLarge = () => {}, now = Date.now }) {
    super();
    Object.assign(this, { url, token, onWelcome, onFrame, onDown, onEnd, onTooLarge, wallClock: now });
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    // Nothing is sent before the next welcome.
    this.#set(this.welcome ? 'reconnecting' : 'connecting');
    addEventListener('online', this.#nudge);
    addEventListener('offline', this.#nudge);
    document.addEventListener('visibilitychange', this.#whenVisible);
    this.#open();
  }

  stop() {
    this.#stopped = true;
    removeEventListener('online', this.#nudge);
    removeEventListener('offline', this.#nudge);
    document.removeEventListener('visibilitychange', this.#whenVisible);
    this.send({ type: 'bye' });
    this.#drop();
  }

  get online() {
    return this.state === 'online';
  }

  /** The desk's clock, as far as `welcome` told. */
  get now() {
    return Date.now() + (this.clockOffset ?? 0);
  }

  /** Sends a frame if there is a socket that was welcomed; says whether. */
  send(frame) {
    if (!this.online || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Tries at once instead of at the end of the wait, or once more after a refusal. */
  retryNow() {
    if (this.#stopped || this.#socket) return;
    if (this.state === 'stopped') this.#beginAnew();
    else if (this.#timers.retry !== null) this.#open();
  }

  /** As `retryNow`, but leaves a refusal as it is: the desk would say the same again. */
  wake() {
    if (this.state === 'stopped' && this.kind === 'again') this.retryNow();
  }

  /** Of which kind the refusal is that stopped the connection (`shared/refusals.js`). */
  get kind() {
    return this.state === 'stopped' ? this.#kind : null;
  }

  #beginAnew() {
    this.#attempt = 0;
    this.#downSince = null;
    this.#set(this.welcome ? 'reconnecting' : 'connecting');
    this.#open();
  }

  async #open() {
    this.#clearTimers();
    const run = ++this.#run;
    let token;
    try {
      token = await this.token({ refused: this.#tokenRefused });
      this.problem = null;
    } catch (error) {
      if (run !== this.#run || this.#stopped) return;
      this.problem = error.code ?? null;
      if (error.final) return this.onEnd(error);
      const kind = kindOf(error);
      if (kind === 'again') this.#retryLater(error.retryAfterMs);
      else this.#halt(kind);
      // The state may be the same as before, the reason not.
      return this.changed();
    }
    if (run !== this.#run || this.#stopped) return;
    this.#tokenRefused = false;
    const socket = new WebSocket(this.url, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', token }));
    socket.onmessage = ({ data }) => this.#receive(socket, data);
    socket.onclose = ({ code }) => this.#closed(socket, code);
    this.#watch(WELCOME_DUE_MS);
  }

  #receive(socket, data) {
    if (socket !== this.#socket) return;
    if (this.online) this.#heard();
    const frame = parseFrame(data);
    if (!frame) return;
    switch (frame.type) {
      case 'welcome':
        this.welcome = frame;
        this.clockOffset = frame.now - Date.now();
        this.#downSince = null;
        this.#set('online');
        this.#heard();
        this.#timers.steady = setTimeout(() => (this.#attempt = 0), STEADY_MS);
        return this.onWelcome(frame);
      case 'ping':
        return socket.send('{"type":"pong"}');
      case 'pong':
        return undefined;
      case 'bye':
        if (frame.retry_in_ms !== undefined) this.#notBefore = Date.now() + frame.retry_in_ms;
        return undefined;
      default:
        return this.onFrame(frame);
    }
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (code === UNAUTHORISED || code === POLICY) this.#tokenRefused = true;
    if (code === 1009) this.onTooLarge();
    this.onDown();
    if (this.#stopped) return;
    // Refused for who we are: a new token may help, hurry does not.
    if (code === POLICY) this.#attempt = Math.max(this.#attempt, 3);
    // A token that merely ran out is replaced at once, the first time.
    if (code === UNAUTHORISED && this.#attempt === 0) {
      this.#attempt += 1;
      this.#set('reconnecting');
      this.#open();
    } else this.#retryLater();
  }

  #retryLater(atLeastMs = 0) {
    this.#clearTimers();
    this.#downSince ??= this.wallClock();
    const inVain = this.wallClock() - this.#downSince > IN_VAIN_MS;
    if (inVain && document.visibilityState !== 'visible') return this.#halt('again');
    const asked = this.#notBefore - Date.now();
    const delay = asked > 0 ? asked : Math.max(atLeastMs, inVain ? RARELY_MS : 0, reconnectDelay(this.#attempt));
    this.#attempt += 1;
    this.#timers.retry = setTimeout(() => this.#open(), delay);
    this.#set(navigator.onLine === false ? 'offline' : this.welcome || this.#attempt > 2 ? 'reconnecting' : 'connecting');
    return undefined;
  }

  #halt(kind) {
    this.#clearTimers();
    this.#kind = kind;
    this.#set('stopped');
  }

  /** Gives the socket up without waiting for the other side to agree. */
  #drop() {
    this.#clearTimers();
    const socket = this.#socket;
    this.#run += 1;
    if (!socket) return;
    this.#socket = null;
    socket.onmessage = socket.onclose = null;
    socket.close();
    this.onDown();
  }

  #heard() {
    clearTimeout(this.#timers.ask);
    clearTimeout(this.#timers.watch);
    // A little longer, or both would ask at the same moment, every time.
    const { heartbeat_ms: ms, deadline_ms: dueMs } = this.welcome;
    this.#timers.ask = setTimeout(() => this.#probe(dueMs), ms + dueMs / 2);
  }

  #probe(dueMs) {
    this.send({ type: 'ping' });
    this.#watch(dueMs);
  }

  #watch(ms) {
    clearTimeout(this.#timers.watch);
    this.#timers.watch = setTimeout(() => {
      this.#drop();
      this.#retryLater();
    }, ms);
  }

  // The network came, went, or the tab was looked at again: find out now rather than at the next heartbeat.
  #nudge = () => {
    if (this.#stopped) return;
    // The page is looked at: what was tried in vain until now is worth another hour.
    if (document.visibilityState === 'visible') this.#downSince &&= this.wallClock();
    if (this.online) {
      this.#probe(PROBE_DUE_MS);
    } else if (this.state === 'stopped') {
      this.wake();
    } else if (this.#timers.retry !== null && navigator.onLine !== false) {
      if (Date.now() >= this.#notBefore) this.retryNow();
    } else if (!this.#socket) this.#set(navigator.onLine === false ? 'offline' : 'reconnecting');
  };

  #whenVisible = () => document.visibilityState === 'visible' && this.#nudge();

  #clearTimers() {
    for (const name of Object.keys(this.#timers)) {
      clearTimeout(this.#timers[name]);
      this.#timers[name] = null;
    }
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }
}

function parseFrame(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
