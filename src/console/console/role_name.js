// How a role is called.

/** Built-in roles have a name in each language; others the one that they were given. */
export function roleName(role, t) {
  const words = role.built_in ? t(`role_${role.id}`) : role.name;
  return words.startsWith('role_') ? role.name : words;
}
