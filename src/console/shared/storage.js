// The browser's own storage, or memory where it is forbidden or full.
//
// A visitor in private mode can still write; only a reload would lose what was not sent yet.

/** A store of texts by key. Never throws. */
export function safeStorage(area = () => globalThis.localStorage) {
  const memory = new Map();
  const attempt = (action, otherwise) => {
    try {
      return action(area());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt((store) => store.getItem(key), null),
    set(key, text) {
      const kept = attempt((store) => (store.setItem(key, text), true), false);
      if (kept) memory.delete(key);
      else memory.set(key, text);
    },
    remove(key) {
      memory.delete(key);
      attempt((store) => store.removeItem(key));
    },
    keys(prefix) {
      const stored = attempt((store) => Array.from({ length: store.length }, (_, i) => store.key(i)), []);
      return [...new Set([...stored, ...memory.keys()])].filter((key) => key?.startsWith(prefix));
    },
  };
}

/** What `text` says in JSON, or null. */
export function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
