// Which lines of a conversation stand together.

import { dayOf } from './time.js';
import { memberKey } from './message_state.js';

const TOGETHER_MS = 5 * 60_000;

/**
 * Adds to each line: `newDay`, `starts` and `ends` of a run by the same author, and whether it shows its time and
 * state.
 */
export function grouped(lines) {
  return lines.map((line, index) => {
    const [before, after] = [lines[index - 1], lines[index + 1]];
    const starts = !together(before, line);
    const ends = !together(line, after);
    return {
      ...line,
      newDay: !before || dayOf(before.at) !== dayOf(line.at),
      starts,
      ends,
      showsState: ends || line.state === 'failed' || line.state === 'dead_lettered' || (line.mine && after.state !== line.state),
    };
  });
}

export const isWritten = (line) => line.event.kind === 'message_sent' || line.event.kind === 'note_added';

function together(a, b) {
  return (
    a && b && isWritten(a) && a.event.kind === b.event.kind && memberKey(a.author.member) === memberKey(b.author.member) &&
    b.at - a.at < TOGETHER_MS && dayOf(a.at) === dayOf(b.at)
  );
}
