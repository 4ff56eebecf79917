// The permissions there are, and what can be granted of them.

/** `part`: whether it can be granted for an agent's own conversations instead of for all. */
export const PERMISSIONS = [
  { name: 'read', part: false },
  { name: 'converse', part: true },
  { name: 'assign_others', part: true },
  { name: 'oversee', part: false },
  { name: 'handle_dead_letters', part: false },
  { name: 'administer', part: false },
  { name: 'read_audit', part: false },
];

/** The widest scope at which `grants` hold `permission`; null when they do not. */
export function scopeOf(grants, permission) {
  const scopes = grants.filter((grant) => grant.permission === permission).map((grant) => grant.scope);
  return scopes.includes('tenant') ? 'tenant' : (scopes[0] ?? null);
}

/** `grants` with `permission` at `scope` alone, or without it. */
export function withScope(grants, permission, scope) {
  const others = grants.filter((grant) => grant.permission !== permission);
  return scope ? [...others, { permission, scope }] : others;
}
