// Values of audit entries as people read them. The trail keeps them as text; lists, hours and skills as JSON.

import { WEEK, hoursText } from '../../kit/hours.js';
import { roleName } from '../../role_name.js';

/**
 * `value` of `field` in words. `nameOf({kind, id})` names an object. What this version cannot read is shown as it is
 * kept.
 */
export function readable(field, value, nameOf, t) {
  if (value === '') return t('nothing');
  try {
    return READERS[field]?.(value, nameOf, t) || value;
  } catch {
    return value;
  }
}

/** How a field of an object of this kind is called. */
export function fieldWords(kind, field, t) {
  const names = [`field_${kind}_${field}`, `field_${field}`];
  const known = names.find((name) => t(name) !== name);
  return known ? t(known) : field;
}

const yesOrNo = (value, _, t) => ({ true: t('yes'), false: t('no') })[value];

const many = (kind) => (value, nameOf, t) => listOf(JSON.parse(value).map((id) => nameOf({ kind, id })), t);

const READERS = {
  active: yesOrNo,
  force: yesOrNo,
  settled: yesOrNo,
  role: (value, _, t) => roleName({ id: value, name: value, built_in: true }, t),
  reason: (value, _, t) => (t(`reason_${value}`) === `reason_${value}` ? value : t(`reason_${value}`)),
  origins: (value, _, t) => listOf(JSON.parse(value), t),
  grants: (value, _, t) => listOf(value.split(' ').map((grant) => grantWords(grant, t)), t),
  members: many('agent'),
  inboxes: many('inbox'),
  calendar: (id, nameOf) => nameOf({ kind: 'calendar', id }),
  default_inbox: (id, nameOf) => nameOf({ kind: 'inbox', id }),
  inbox: (id, nameOf) => nameOf({ kind: 'inbox', id }),
  skills: (value, nameOf, t) =>
    listOf(Object.entries(JSON.parse(value)).map(([id, level]) => `${nameOf({ kind: 'skill', id })} ${level}`), t),
  weekly: (value, _, t) => {
    const weekly = JSON.parse(value);
    const open = WEEK.filter((day) => weekly[day]?.length);
    return listOf(open.map((day) => `${t(`day_${day}`)} ${hoursText(weekly[day])}`), t);
  },
  special_days: (value, _, t) => listOf(JSON.parse(value).map(({ date, name }) => (name ? `${date} ${name}` : date)), t),
};

/** `converse:own` as "Converse (own conversations)". */
function grantWords(grant, t) {
  const [permission, scope] = grant.split(':');
  const [what, where] = [`short_${permission}`, `scope_${scope}`].map((name) => (t(name) === name ? null : t(name)));
  return what && where ? t('granted', { what, where }) : grant;
}

const listOf = (texts, t) => (texts.length > 0 ? texts.join(t('list_separator')) : t('nothing'));
