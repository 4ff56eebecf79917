// Texts that people write, on their way in and out. Data becomes text nodes, never markup.

import { html } from './ui.js';

/** Longest text that the desk takes, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 16_384;

/** `text` as the desk takes it: without control characters other than tab and line ends, trimmed. */
export const cleanText = (text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '').trim();

export const tooLong = (text, maxBytes = MAX_TEXT_BYTES) => new TextEncoder().encode(text).length > maxBytes;

const LINK = /https?:\/\/[^\s<>"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** The parts of a text: `{text}` or `{text, href}`. Only http and https become links, and only as they are written. */
export function partsOf(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    // A full stop or a bracket after an address belongs to the sentence.
    const address = match[0].replace(/[.,;:!?)\]}。，；：！？）」』】]+$/, '');
    if (!URL.canParse?.(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** A message's text, isolated so that its direction marks cannot reach its surroundings. */
export function MessageText({ text }) {
  return html`<div class="text" dir="auto">${partsOf(text).map(({ text: part, href }) =>
    href ? html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow ugc">${part}</a>` : part)}</div>`;
}
