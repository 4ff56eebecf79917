// Words for scopes, sections, fields and values.

import { fragmentOf } from '../../router.js';

/** The address of a scope's page, or of a page below it. */
export function fragmentFor({ kind, id }, below = null) {
  return fragmentOf(['settings', ...(id ? [kind, id] : []), ...(below ? [below] : [])].join('/'));
}

const known = (t, key, otherwise) => {
  const words = t(key);
  return words === key ? otherwise : words;
};

export const sectionWords = (section, t) => known(t, `section_${section}`, section);

export const fieldWords = (path, t) => known(t, `field_${path}`, path);

/** What a field means: in the agent's language where we have words, else as the server describes it. */
export const hintWords = ({ path, description }, t) => known(t, `hint_${path}`, description);

export function valueWords(value, t, path = '') {
  if (value === undefined || value === null) return t('not_set');
  if (value === '') return t('empty');
  if (typeof value === 'boolean') return t(value ? 'on' : 'off');
  if (Array.isArray(value)) return value.join(', ');
  return known(t, `value_${path}.${value}`, String(value));
}

/** Who wrote a version: an agent by name, else its kind. */
export function byWords(by, workspace, t) {
  if (!by) return t('unknown_author');
  const agent = by.kind === 'agent' && workspace.directory.agents.find(({ id }) => id === by.id);
  return agent ? agent.name : `${by.kind} ${by.id.slice(-8)}`.trim();
}
