// What this tab keeps from one page of the site to the next: whether the panel is open, what was typed and not sent,
// and where in the conversation its reader was.

import { parsed } from './shared/storage.js';

export class PageMemory {
  /** `storage` is that of the tab (`sessionStorage`). */
  constructor({ storage, inbox }) {
    Object.assign(this, { storage, key: `frontdesk.page.${inbox}` });
    this.state = parsed(storage.get(this.key)) ?? {};
  }

  get shown() {
    return this.state.shown === true;
  }

  /** The text of the person with this word. */
  draft(generation) {
    return this.state.generation === generation ? (this.state.draft ?? '') : '';
  }

  fromEnd(generation) {
    return this.state.generation === generation ? (this.state.fromEnd ?? 0) : 0;
  }

  keep(changes) {
    this.state = { ...this.state, ...changes };
    this.storage.set(this.key, JSON.stringify(this.state));
  }
}
