// A round sign for a person: initials on a quiet colour that follows from who it is.

import { html, classes } from '../shared/ui.js';

const TONES = 6;

export function Avatar({ name, id, size = '', presence = null }) {
  const tone = [...(id ?? name ?? '')].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7) % TONES;
  return html`<span class=${classes('avatar', `tone-${tone}`, size)} aria-hidden="true">${initials(name)}
    ${presence && html`<span class=${`presence presence-${presence}`}></span>`}</span>`;
}

function initials(name) {
  const words = (name ?? '').trim().split(/\s+/).filter(Boolean);
  if (!words.length) return '?';
  // Chinese names are told apart by their last characters.
  if (/\p{Script=Han}/u.test(words[0])) return [...words[0]].slice(-2).join('');
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0]).join('').toLocaleUpperCase();
}
