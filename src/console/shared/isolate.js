// Names within sentences. A name may be written in the other direction, or hold marks that turn what follows; in an
// element of its own it cannot.

import { html } from './ui.js';

const [OPEN, CLOSE] = ['\u2068', '\u2069'];

/** `name`, marked to stand apart once its sentence goes through `withNames`. */
export const isolated = (name) => OPEN + String(name).replaceAll(OPEN, '').replaceAll(CLOSE, '') + CLOSE;

/** A sentence with its marked names as elements. */
export const withNames = (sentence) =>
  sentence.split(OPEN).flatMap((part, index) => {
    if (index === 0) return [part];
    const [name, rest = ''] = part.split(CLOSE);
    return [html`<bdi>${name}</bdi>`, rest];
  });
