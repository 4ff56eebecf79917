// REST calls of the console. The access token lives in memory only; the refresh cookie is out of reach for scripts.

import { exclusively } from './shared/exclusive.js';

/** A problem that the desk answered with, or `unreachable`. */
export class Problem extends Error {
  constructor(status, { code, detail, title, field, newer, retry_after_ms } = {}) {
    super(detail ?? title ?? code ?? 'unreachable');
    Object.assign(this, { status, detail, title, field, newer, code: code ?? (status ? `http_${status}` : 'unreachable'), retryAfterMs: retry_after_ms });
  }
}

/** Tabs sign in, renew and sign out one after the other: each answer sets the cookie that they share. */
const COOKIE = 'frontdesk.refresh';
/** Renew a token that ends within this time. */
const EARLY_MS = 30_000;
/** An attempt to sign out that takes longer is begun again later: it holds up signing in. */
const LOGOUT_MS = 10_000;

export class Api {
  #token = null;
  #endsAt = 0;
  #refreshing = null;

  /** `onSignedOut` is called when the desk no longer knows us. */
  constructor(onSignedOut) {
    this.onSignedOut = onSignedOut;
  }

  /** `accepted` is called before anything else of this browser renews or ends a log-in. */
  async login(email, password, accepted) {
    return this.#keep(await exclusively(COOKIE, async () => {
      const answer = await this.#send('POST', 'auth/login', { email, password });
      accepted();
      return answer;
    }));
  }

  /** A new access token for the cookie, and who we are. Callers at the same time share one request. */
  refresh() {
    this.#refreshing ??= exclusively(COOKIE, () => this.#send('POST', 'auth/refresh', {}))
      .then((answer) => this.#keep(answer))
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** Nothing more is asked in the name of who was signed in. */
  forget() {
    this.#token = null;
    this.#endsAt = 0;
  }

  /** Ends the log-in of the cookie, if that is still `wanted` then. Throws when the desk could not be told. */
  logout(wanted) {
    return exclusively(COOKIE, async () => {
      if (wanted()) await this.#send('POST', 'auth/logout', {}, AbortSignal.timeout(LOGOUT_MS));
    });
  }

  /** A token for the socket; a new one if the last was refused. */
  async token({ refused }) {
    if (refused || Date.now() > this.#endsAt - EARLY_MS) await this.#refreshOrLeave();
    return this.#token;
  }

  get(path, query = {}) {
    return this.#asked('GET', withQuery(path, query));
  }

  post(path, body) {
    return this.#asked('POST', path, body);
  }

  patch(path, body) {
    return this.#asked('PATCH', path, body);
  }

  put(path, body) {
    return this.#asked('PUT', path, body);
  }

  remove(path, query = {}) {
    return this.#asked('DELETE', withQuery(path, query));
  }

  async #asked(method, address, body) {
    await this.token({ refused: false });
    try {
      return await this.#send(method, address, body);
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      await this.#refreshOrLeave();
      return this.#send(method, address, body);
    }
  }

  async #refreshOrLeave() {
    try {
      await this.refresh();
    } catch (problem) {
      if (problem.status === 401 || problem.status === 403) {
        problem.final = true;
        this.onSignedOut();
      }
      throw problem;
    }
  }

  #keep(answer) {
    this.#token = answer.access_token;
    this.#endsAt = Date.now() + answer.expires_in * 1000;
    return answer.agent;
  }

  async #send(method, path, body, signal) {
    const headers = { accept: 'application/json' };
    if (body) headers['content-type'] = 'application/json';
    if (this.#token && !path.startsWith('auth/')) headers.authorization = `Bearer ${this.#token}`;
    const request = { method, headers, body: body && JSON.stringify(body), credentials: 'same-origin', signal };
    const response = await fetch(`/api/v1/${path}`, request).catch(() => null);
    if (!response) throw new Problem(0);
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, answer);
    return answer;
  }
}

function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
