// When to come back. Full jitter keeps ten thousand widgets from returning in the same second.

const FLOOR_MS = 500;
const CEILING_MS = 30_000;

/** How long to wait before try number `attempt` (0, 1, 2, ...): anything from half a second to a doubling bound. */
export function reconnectDelay(attempt, random = Math.random) {
  const bound = Math.min(CEILING_MS, 1000 * 2 ** Math.min(attempt, 10));
  return FLOOR_MS + random() * (bound - FLOOR_MS);
}

/** How long to wait before a refused request is sent again: what the desk asked for, and up to half as much more. */
export function retryDelay(retryAfterMs, attempt, random = Math.random) {
  const base = retryAfterMs ?? Math.min(CEILING_MS, FLOOR_MS * 2 ** Math.min(attempt, 6));
  return base + random() * Math.max(100, base / 2);
}
