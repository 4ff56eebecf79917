// What the server said when it refused, in words and in its place.

const SELF_SAYING = ['invalid', 'http_400', 'http_422', 'too_many', 'invalid_setting'];

/** The words for a problem: our own for its code where there are any, and what the server said where it says more. */
export function problemWords(problem, t) {
  const known = t(`problem_${problem.code}`);
  const words = known === `problem_${problem.code}` ? null : known;
  const said = plain(problem.detail ?? problem.title);
  if (words && (!said || !SELF_SAYING.includes(problem.code))) return words;
  return [words ?? (said ? null : t('problem_other')), said].filter(Boolean).join(' ');
}

/**
 * The field of a form that a problem is about: the one that the server names, or the first whose name, or one of whose
 * other names, the server mentions.
 */
export function fieldOf(problem, fields) {
  if (problem?.field) return problem.field in fields ? problem.field : null;
  const said = problem?.detail ?? '';
  const mentions = (name) => new RegExp(`(^|[^a-z_])${name.replace(/[^\w-]/g, '.')}($|[^a-z_])`, 'i').test(said);
  return Object.keys(fields).find((name) => [name, ...fields[name]].some(mentions)) ?? null;
}

/** Where in the body something stands helps programs only. */
const plain = (detail) => detail?.replace(/ at line \d+ column \d+$/, '');
