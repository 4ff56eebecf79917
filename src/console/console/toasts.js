// Short words about something that just happened elsewhere on the screen.

import { Observable } from './shared/observable.js';

const SHOWN_MS = 7_000;

export class Toasts extends Observable {
  items = [];
  #next = 0;

  show(text, kind) {
    const toast = { id: this.#next++, text, kind };
    this.items = [...this.items.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
    this.changed();
  }

  dismiss(id) {
    this.items = this.items.filter((toast) => toast.id !== id);
    this.changed();
  }
}
