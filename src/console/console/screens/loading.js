// Brings the code, the words and the styles of a screen into the page, once, when it is first opened.

import { Observable } from '../shared/observable.js';

export class Screens extends Observable {
  #loads = new Map();
  #styles = new Map();

  /** `{state, module}` of a screen; `state` is loading, ready or failed. Begins to load it if nothing did. */
  get(screen) {
    let load = this.#loads.get(screen.name);
    if (!load) {
      load = { state: 'loading', module: null };
      this.#loads.set(screen.name, load);
      this.#load(screen, load);
    }
    return load;
  }

  /** Tries again. A browser keeps a module that it could not fetch as failed, so the page itself is loaded again. */
  retry() {
    location.reload();
  }

  async #load(screen, load) {
    try {
      const module = await screen.load();
      await Promise.all((module.styles ?? []).map((url) => this.#style(url.href)));
      Object.assign(load, { state: 'ready', module });
    } catch {
      load.state = 'failed';
    }
    this.changed();
  }

  /** Waits for a style sheet, so that nothing is drawn without it. Screens may share one. */
  #style(href) {
    if (!this.#styles.has(href)) {
      this.#styles.set(href, new Promise((ready, failed) => {
        const link = document.createElement('link');
        Object.assign(link, { rel: 'stylesheet', href, onload: ready, onerror: failed });
        document.head.append(link);
      }));
    }
    return this.#styles.get(href);
  }
}
