// What this agent may do, as the server said last: `grants` of `{permission, scope}`.

const EVERYWHERE = 'tenant';

/** Whether `grants` allow `permission` on everything of the tenant. */
export const mayEverywhere = (grants, permission) =>
  (grants ?? []).some((grant) => grant.permission === permission && grant.scope === EVERYWHERE);
