// Texts that people write, on their way in and out. Data becomes text nodes, never markup.

import { linksIn } from './links.js';
import { html } from './ui.js';

/** Longest text that the desk takes, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 16_384;

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * `text` as the desk takes it: without control characters other than tab and line ends, trimmed, with the replacement
 * character for half of a surrogate pair. Empty when there is nothing to see in it.
 */
export function cleanText(text) {
  const clean = text.replace(/\p{Surrogate}/gu, '\ufffd').replace(CONTROL, '').trim();
  return BLANK.test(clean) ? '' : clean;
}

/** The same on one line and in its composed form, as names and tags are kept. */
export const cleanLine = (text) => cleanText(text.replace(/[\t\n\r\u2028\u2029]+/g, ' ')).normalize('NFC');

export const tooLong = (text, maxBytes = MAX_TEXT_BYTES) => new TextEncoder().encode(text).length > maxBytes;

/** The parts of a text: `{text}` or `{text, href}`. */
export function partsOf(text) {
  const parts = [];
  let end = 0;
  for (const { index, lastIndex } of linksIn(text)) {
    if (index > end) parts.push({ text: text.slice(end, index) });
    const address = text.slice(index, lastIndex);
    parts.push({ text: address, href: address });
    end = lastIndex;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** A message's text, isolated so that its direction marks cannot reach its surroundings. */
export function MessageText({ text }) {
  return html`<div class="text" dir="auto">${partsOf(text).map(({ text: part, href }) =>
    href ? html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow ugc">${part}</a>` : part)}</div>`;
}
