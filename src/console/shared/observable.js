// Something that screens watch.

export class Observable {
  #watchers = new Set();
  #queued = false;
  /** Grows with each change, so that a watcher can tell whether it missed one. */
  version = 0;

  /** Calls `watcher` after changes; returns the function that ends it. */
  subscribe(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells the watchers, once for all changes of the same turn of the event loop. */
  changed() {
    this.version += 1;
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      for (const watcher of [...this.#watchers]) watcher();
    });
  }
}
