// Words in the reader's language.

/** The languages that we have words for. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' };

/** The best of our languages for a reader who prefers `preferred`, in order. */
export function bestLanguage(preferred) {
  for (const tag of preferred) {
    if (!tag) continue;
    if (LANGUAGES[tag]) return tag;
    if (tag.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

/** The languages that this browser's reader prefers. */
export const browserLanguages = () => navigator.languages ?? [navigator.language];

/**
 * A translator: `t(key, {name: value})` fills `{name}` in. Where a text is an object, `n` picks `one` or `other` by the
 * rules of the language.
 */
export function translator(language, words) {
  const plural = new Intl.PluralRules(language);
  const dictionary = words[language] ?? words.en;
  return (key, values = {}) => {
    let text = dictionary[key] ?? words.en[key] ?? key;
    if (typeof text === 'object') text = text[plural.select(values.n ?? 0)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
}
