// Web addresses in texts that people write. What an address is says linkify-it; here is what Chinese, Japanese and
// Korean texts need besides, which have no spaces, and what must never be part of a link.

import { LinkifyIt, REBuilder } from '../vendor/linkify-it.js';

/** A letter of a script that is written without spaces between words: Han, kana, Hangul, and full-width forms. */
const CJK = '(?:[\\u1100-\\u11ff\\u2e80-\\u9fff\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\uff00-\\uffef]|[\\ud840-\\ud88f][\\udc00-\\udfff])';

/** Invisible marks that turn the direction of a text or have no width: in a link they would show another address. */
const INVISIBLE = '[\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]';

/** An address ends where such a letter follows a Latin letter or a digit. After `/`, `=` and the like it goes on. */
const RUN_ON = new RegExp(`[A-Za-z0-9](?=${CJK})`, 'g');

class Rules extends REBuilder {
  constructor() {
    super();
    this.src_ZCc += `|${INVISIBLE}`;
  }

  get_text_separators() {
    return (this.cache.text_separators ??= new RegExp(`(?:[><\`\\uff5c]|${INVISIBLE})`));
  }

  /** An address may follow anything but a letter or digit that would be part of its scheme. */
  get_schema_search() {
    return (this.cache.schema_search ??= new RegExp(`(^|[^A-Za-z0-9_])(${this.get_schema_names().source})`, 'ig'));
  }
}

const linkify = new LinkifyIt({ fuzzyEmail: false, urlAuth: true, rebuilder: new Rules() });
for (const scheme of ['ftp:', '//', 'mailto:']) linkify.add(scheme, null);
for (const scheme of ['http:', 'https:']) linkify.add(scheme, { validate: lengthOf });

/** How many characters from `start` on belong to an address whose scheme ends there; 0 for none. */
function lengthOf(text, start, { re }) {
  const rule = re.get_http_validator();
  const read = (part) => {
    rule.lastIndex = start;
    // The library keeps the question mark of `?!`.
    return (rule.exec(part)?.[0] ?? '').replace(/[?!.,;:]+$/, '');
  };
  const whole = read(text);
  RUN_ON.lastIndex = 0;
  const runOn = RUN_ON.exec(whole);
  if (!runOn) return whole.length;
  const cut = read(text.slice(0, start + runOn.index + 1));
  // `https://abc` of `https://abc例子.example` would be the address of another host.
  const isOtherHost = !/[/?#]/.test(cut.slice(2)) && !cut.includes('.');
  return isOtherHost ? 0 : cut.length;
}

/** Where each address in `text` begins and ends, in their order. Only http and https, only as they are written. */
export function linksIn(text) {
  const found = linkify.match(text) ?? [];
  return found.filter(({ raw }) => URL.canParse?.(raw)).map(({ index, lastIndex }) => ({ index, lastIndex }));
}
