// The settings that hold for the tenant and for each inbox, as the server works them out. They are read again
// when the server says that they changed.

import { Observable } from './shared/observable.js';

export class EffectiveSettings extends Observable {
  /** Path -> what the server answered: `{values, sources}`, or null until it has. */
  #held = new Map();

  constructor(api) {
    super();
    this.api = api;
  }

  /** `{values, sources}` of the tenant; null until they are read. */
  get tenant() {
    return this.#at('settings/tenant/effective');
  }

  /** `{values, sources}` of an inbox; null until they are read. */
  of(inbox) {
    return inbox ? this.#at(`settings/inbox/${inbox}/effective`) : null;
  }

  /** Reads everything again that was asked for. What is shown stays until the answer has come. */
  refresh() {
    for (const path of this.#held.keys()) this.#read(path);
  }

  #at(path) {
    if (!this.#held.has(path)) {
      this.#held.set(path, null);
      this.#read(path);
    }
    return this.#held.get(path);
  }

  #read(path) {
    this.api.get(path).then(
      (settings) => {
        this.#held.set(path, settings);
        this.changed();
      },
      // Read again with the next connection or change; until then what was known holds.
      () => null,
    );
  }
}
