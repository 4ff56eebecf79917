// Hours and days as people type them. `09:00-12:00, 13:00-17:00` are two intervals; an empty text is a closed day.

export const WEEK = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

export const hoursText = (intervals) => (intervals ?? []).map(({ from, to }) => `${from}-${to}`).join(', ');

/** The intervals that a text says; null when it says none that can be read. */
export function hoursOf(text) {
  const parts = text.split(/[,，;]+/).map((part) => part.trim()).filter(Boolean);
  const intervals = parts.map((part) => {
    const [, from, to] = /^(\d{1,2}:\d{2})\s*[-–—~～至]\s*(\d{1,2}:\d{2})$/.exec(part) ?? [];
    return from && { from: from.padStart(5, '0'), to: to.padStart(5, '0') };
  });
  return intervals.every(Boolean) ? intervals : null;
}

/** A special day as one value of a form. */
export const dayText = (day) => ({ date: day.date, name: day.name ?? '', yearly: Boolean(day.yearly), kind: day.kind, hours: hoursText(day.hours) });

/** A special day for the server. */
export const dayOf = ({ date, name, yearly, kind, hours }) =>
  ({ date, name, yearly, kind, ...(kind === 'extra_working' ? { hours: hoursOf(hours) ?? [] } : {}) });
