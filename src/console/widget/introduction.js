// What a page says of its visitor. What cannot be used is left out, so that a template that prints an empty or an odd
// value never keeps a visitor from writing.

import { cleanLine } from './shared/message_text.js';
import { parsed } from './shared/storage.js';

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

  /**
   * `{name, email}`, each optional, and a proof that the server of the site made: `{jwt}`, or `{id, hash}`. A proof
   * that cannot be read is left out.
   */
  static of({ name, email, jwt, id, hash } = {}) {
    const body = {};
    const address = line(email).toLowerCase();
    if (ADDRESS.test(address)) body.email = address;
    if (line(name)) body.name = line(name);
    const subject = subjectOf(jwt);
    if (subject) return new Introduction(`id:${subject}`, { ...body, identity: { jwt: jwt.trim() } });
    if (line(id) && line(hash)) return new Introduction(`id:${line(id)}`, { ...body, identity: { id: line(id), hash: line(hash) } });
    const person = body.email ? `email:${body.email}` : body.name ? `name:${body.name}` : '';
    return new Introduction(person, body);
  }

  /** Whether it says anything. */
  get says() {
    return Object.keys(this.body).length > 0;
  }

  /** Whether it brings a proof. */
  get proves() {
    return Boolean(this.body.identity);
  }

  /** The same person, without the proof. */
  unproven() {
    const { identity, ...body } = this.body;
    return new Introduction(this.person, body);
  }
}

/** One line of what may be no text at all. A site's ids may be numbers. */
const line = (value) => (typeof value === 'string' || typeof value === 'number' ? cleanLine(String(value)) : '');

/** Whom a JWT is about, to tell persons apart here; the desk checks its signature. */
function subjectOf(jwt) {
  try {
    const payload = atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
    const claims = parsed(new TextDecoder().decode(Uint8Array.from(payload, (byte) => byte.charCodeAt(0))));
    return line(claims?.sub);
  } catch {
    return '';
  }
}
