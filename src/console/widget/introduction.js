// What a page says of its visitor. What cannot be used is left out, so that a template that prints an empty or an odd
// value never keeps a visitor from writing.

import { cleanLine } from './shared/message_text.js';

/** Roughly what an address looks like; the desk checks it in earnest. */
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

export class Introduction {
  /** `person` is the same for the same visitor, and empty for an unknown one; `body` goes to the desk. */
  constructor(person, body) {
    Object.assign(this, { person, body });
  }

  static none() {
    return new Introduction('', {});
  }

  /** Of what a page says without proof: `{name, email}`, each optional. */
  static plain({ name, email } = {}) {
    const body = {};
    const address = line(email).toLowerCase();
    if (ADDRESS.test(address)) body.email = address;
    if (line(name)) body.name = line(name);
    const person = body.email ? `email:${body.email}` : body.name ? `name:${body.name}` : '';
    return new Introduction(person, body);
  }

  /** Whether it says anything. */
  get says() {
    return Object.keys(this.body).length > 0;
  }
}

/** One line of what may be no text at all. */
const line = (value) => (typeof value === 'string' ? cleanLine(value) : '');
