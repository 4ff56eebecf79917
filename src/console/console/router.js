// Which screen the address asks for. The place is kept in the fragment (`#/roles/17?tab=agents`), so that the back
// button, a reload and a link sent to a colleague all lead to the same place, and no address of the server is taken.

import { Observable } from './shared/observable.js';

/**
 * What `fragment` asks for: `{path, screen, params, query}`. `screen` is null where no screen of the table has such a
 * route. A route is written as in the table: `roles/:role`; `:role` stands for one segment, given in `params`, and
 * `:id` for one that is a UUID.
 */
export function resolve(screens, fragment) {
  const [path, search = ''] = fragment.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const given = segments(path);
  for (const screen of screens) {
    for (const route of screen.routes) {
      const params = given && matched(segments(route), given);
      if (params) return { path, screen, params, query: Object.fromEntries(new URLSearchParams(search)) };
    }
  }
  return { path, screen: null, params: {}, query: {} };
}

/** The fragment for a path, such as `roles/17`, and a query; values that are null or empty are left out. */
export function fragmentOf(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Router extends Observable {
  /** Where a form with changes that were not saved keeps the agent from going; `null` when nothing is in the way. */
  held = null;
  #screens;
  #window;
  #guard = null;

  constructor(screens, browser = globalThis) {
    super();
    this.#screens = screens;
    this.#window = browser;
    this.route = resolve(screens, browser.location.hash);
  }

  start() {
    this.#window.addEventListener('hashchange', this.#moved);
    this.#moved();
  }

  close() {
    this.#window.removeEventListener('hashchange', this.#moved);
  }

  go(path, query) {
    this.#window.location.hash = fragmentOf(path, query);
  }

  /** Changes the address without a new step for the back button, such as while a filter is being typed. */
  replace(path, query) {
    this.#window.history.replaceState(null, '', fragmentOf(path, query));
    this.#moved();
  }

  /** Asks `mayLeave` before another place is shown; the returned function ends that. */
  guard(mayLeave) {
    this.#guard = mayLeave;
    return () => {
      if (this.#guard === mayLeave) this.#guard = null;
    };
  }

  /** Goes where `held` kept the agent from going, or stays. */
  decide(leave) {
    const { held } = this;
    this.held = null;
    if (leave) {
      this.#guard = null;
      this.#window.location.hash = held;
    }
    this.changed();
  }

  #moved = () => {
    const { hash } = this.#window.location;
    const shown = fragmentOf(this.route.path, this.route.query);
    if (this.#guard && hash !== shown && !this.#guard()) {
      this.#window.history.replaceState(null, '', shown);
      this.held = hash;
    } else {
      this.route = resolve(this.#screens, hash);
    }
    this.changed();
  };
}

/** The segments of a path, decoded; null when they cannot be. */
function segments(path) {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}

function matched(route, given) {
  if (route.length !== given.length) return null;
  const params = {};
  for (const [i, part] of route.entries()) {
    if (part === ':id' && !UUID.test(given[i])) return null;
    if (part.startsWith(':')) params[part.slice(1)] = given[i];
    else if (part !== given[i]) return null;
  }
  return params;
}
