// The moments that the snooze menu offers.

const MINUTE = 60_000;
const MORNING = 9;

/**
 * `[{key, minutes}]` or `[{key, morning, zone}]`, each with `until(now)`, the moment (ms) at which the snooze ends: the
 * durations of the settings, then two mornings. A day begins in the time zone of the settings; where none is set, in
 * the agent's own.
 */
export function snoozeChoices(settings) {
  const presets = settings?.values.conversation.snooze_presets_minutes ?? [];
  const isSet = settings && settings.sources.general.time_zone !== 'default';
  const zone = isSet ? settings.values.general.time_zone : ownZone();
  return [
    ...presets.map((minutes) => ({ key: `minutes_${minutes}`, minutes, until: (now) => now + minutes * MINUTE })),
    { key: 'tomorrow', morning: 'tomorrow', zone, until: (now) => morning(now, 1, zone) },
    { key: 'week', morning: 'week', zone, until: (now) => morning(now, ((8 - dayIn(now, zone).getUTCDay()) % 7) || 7, zone) },
  ];
}

/** The agent's own time zone. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';

/** A number of minutes in the largest unit that it is a whole number of: "4 hours", "1 week". */
export function durationText(minutes, language) {
  const [unit, size] = UNITS.find(([, size]) => minutes % size === 0);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(minutes / size);
}

const UNITS = [['week', 7 * 24 * 60], ['day', 24 * 60], ['hour', 60], ['minute', 1]];

/** Nine o'clock `days` days after the day that `now` falls on in `zone`. */
function morning(now, days, zone) {
  const today = dayIn(now, zone);
  const wall = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + days, MORNING);
  // The offset of that morning, which differs from today's where the clocks change in between.
  const near = wall - offset(wall, zone);
  return wall - offset(near, zone);
}

/** A date whose UTC fields are what clocks in `zone` show at `at`. */
const dayIn = (at, zone) => new Date(at + offset(at, zone));

/** How far clocks in `zone` are ahead of UTC at `at`, in ms. */
function offset(at, zone) {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at);
  const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
