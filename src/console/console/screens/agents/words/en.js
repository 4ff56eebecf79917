// English words of the agents screen.

export const en = {
  agents: 'Agents',
  agents_hint: 'The people who answer. An agent that may not sign in any more keeps its name in old conversations.',
  new_agent: 'New agent',
  make_agent: 'Create agent',
  name: 'Name',
  name_hint: 'Contacts see it.',
  role: 'Role',
  role_unknown: 'Unknown role',
  not_own_role: 'Your own role and access are changed by another person.',
  new_password: 'New password',
  new_password_hint: 'Leave empty to keep the password. A new one has at least {n} characters.',
  password_hint: 'At least {n} characters.',
  password_short: 'A password has at least {n} characters.',
  email_needed: 'An e-mail address is needed.',
  active: 'May sign in',
  active_hint: 'Without it, open consoles end within seconds.',
  inactive: 'May not sign in',
};
