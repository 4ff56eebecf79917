// What was typed and not sent, per conversation; survives switching and reloading.

import { parsed } from '../shared/storage.js';

export class Drafts {
  constructor({ storage, scope }) {
    Object.assign(this, { storage, prefix: `${scope}.draft.` });
  }

  /** `{text, note}`: note says that it was meant for colleagues, which must not be forgotten on the way. */
  get(id) {
    return parsed(this.storage.get(this.prefix + id)) ?? { text: '', note: false };
  }

  set(id, draft) {
    if (draft.text || draft.note) this.storage.set(this.prefix + id, JSON.stringify(draft));
    else this.storage.remove(this.prefix + id);
  }
}
