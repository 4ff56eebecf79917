// Moments in the reader's words. Order never depends on them.

const formats = new Map();

function format(language, name, options) {
  const key = `${language} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
  return formats.get(key);
}

export const clockTime = (at, language) => format(language, 'clock', { hour: '2-digit', minute: '2-digit' }).format(at);

export const fullTime = (at, language) =>
  format(language, 'full', { dateStyle: 'medium', timeStyle: 'short' }).format(at);

/** The first moment of a day, to tell days apart. */
export const dayOf = (at) => new Date(at).setHours(0, 0, 0, 0);

/** Today, Yesterday, or the date. */
export function dayName(at, language, now = Date.now()) {
  const days = Math.round((dayOf(now) - dayOf(at)) / 86_400_000);
  if (days === 0 || days === 1) {
    const name = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day');
    return name.charAt(0).toUpperCase() + name.slice(1);
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(language, sameYear ? 'day' : 'year', {
    weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** For lists: the time today, else a short date. */
export function listTime(at, language, now = Date.now()) {
  if (dayOf(at) === dayOf(now)) return clockTime(at, language);
  return format(language, 'short', { day: 'numeric', month: 'short' }).format(at);
}

/** "3 s ago", "2 min. ago". */
export function ago(at, language, now = Date.now()) {
  const seconds = Math.max(1, Math.round((now - at) / 1000));
  const [value, unit] =
    seconds < 60 ? [seconds, 'second']
    : seconds < 3600 ? [Math.round(seconds / 60), 'minute']
    : seconds < 86_400 ? [Math.round(seconds / 3600), 'hour']
    : [Math.round(seconds / 86_400), 'day'];
  return new Intl.RelativeTimeFormat(language, { style: 'narrow' }).format(-value, unit);
}
