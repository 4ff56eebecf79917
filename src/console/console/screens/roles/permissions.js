// The permissions there are, and what can be granted of them.

/** How far a permission can be granted, from the narrowest. */
export const SCOPES = ['own', 'team', 'inbox', 'tenant'];

/** `part`: whether it can be granted for some conversations instead of for all. */
export const PERMISSIONS = [
  { name: 'read', part: true },
  { name: 'converse', part: true },
  { name: 'assign_others', part: true },
  { name: 'oversee', part: false },
  { name: 'handle_dead_letters', part: false },
  { name: 'administer', part: false },
  { name: 'read_audit', part: false },
];

/** The scopes at which `grants` hold `permission`, from the narrowest. */
export const scopesOf = (grants, permission) =>
  SCOPES.filter((scope) => grants.some((grant) => grant.permission === permission && grant.scope === scope));

/** What the choice of scopes is called: one scope, or `team_inbox` for both of these. */
export const CHOICES = ['own', 'team', 'inbox', 'team_inbox', 'tenant'];

/** The choice that `grants` make for `permission`; null for none. A wider scope includes the narrower `own`. */
export function choiceOf(grants, permission) {
  const scopes = scopesOf(grants, permission);
  if (!scopes.length || scopes.includes('tenant')) return scopes.length ? 'tenant' : null;
  return scopes.filter((scope) => scope !== 'own').join('_') || 'own';
}

/** `grants` with `permission` by a choice alone, or without it. */
export function withChoice(grants, permission, choice) {
  const others = grants.filter((grant) => grant.permission !== permission);
  return [...others, ...(choice ? choice.split('_') : []).map((scope) => ({ permission, scope }))];
}
