// One tab at a time: what would go wrong if two tabs of this browser did it at once.

const LEASE_MS = 5_000;
/** Nothing waits longer for another tab than this; a tab that hangs must not keep the others from working. */
const LONGEST_WAIT_MS = 10_000;

/**
 * Runs `action` while no other tab runs one under this name, and gives its result. Browsers lend locks to secure pages
 * only; elsewhere a note in storage keeps the others waiting.
 */
export async function exclusively(name, action, { locks = globalThis.navigator?.locks, notes = storageOrNull(), waitMs = LONGEST_WAIT_MS } = {}) {
  let begun = false;
  const run = () => {
    begun = true;
    return action();
  };
  try {
    if (locks) return await locks.request(name, { signal: AbortSignal.timeout(waitMs) }, run);
  } catch (error) {
    // What the action threw is its caller's; only the waiting for the lock may have failed.
    if (begun) throw error;
    return run();
  }
  return notes ? withNote(name, action, notes, waitMs) : action();
}

async function withNote(name, action, notes, waitMs) {
  const end = Date.now() + waitMs;
  while (Date.now() < end && Date.now() - Number(notes.getItem(name)) < LEASE_MS) await new Promise((go) => setTimeout(go, 100 + Math.random() * 200));
  notes.setItem(name, String(Date.now()));
  try {
    return await action();
  } finally {
    notes.removeItem(name);
  }
}

function storageOrNull() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
