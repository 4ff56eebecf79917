// UUIDv7 (RFC 9562): names for requests, made by the sender.
//
// Strictly growing within this maker, even when the clock stands still or jumps back: the desk treats a sender's higher
// id as certainly new and need not look it up, and a sorted outbox is an outbox in order.

/**
 * Returns a function that makes ids, each greater than the one before; its `goOnAfter(id)` lifts it above an older one.
 */
export function uuidv7Maker({ now = Date.now, random = fillRandom } = {}) {
  let [lastMs, counter] = [0, 0];
  const make = () => {
    const ms = now();
    const tail = random(new Uint8Array(8));
    if (ms > lastMs) {
      lastMs = ms;
      // Half the counter's range is left for ids of the same millisecond.
      counter = random(new Uint8Array(2)).reduce((sum, byte) => sum * 256 + byte, 0) & 0x7ff;
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    const time = lastMs.toString(16).padStart(12, '0');
    const middle = (0x7000 | counter).toString(16);
    tail[0] = 0x80 | (tail[0] & 0x3f);
    const rest = [...tail].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${rest.slice(0, 4)}-${rest.slice(4)}`;
  };
  make.goOnAfter = (id) => {
    const [ms, count] = partsOf(id);
    if (ms > lastMs || (ms === lastMs && count > counter)) [lastMs, counter] = [ms, count];
  };
  return make;
}

function partsOf(id) {
  const hex = id.replaceAll('-', '');
  return [parseInt(hex.slice(0, 12), 16), parseInt(hex.slice(13, 16), 16)];
}

// Unlike crypto.randomUUID this also exists on pages served over plain http.
function fillRandom(bytes) {
  return crypto.getRandomValues(bytes);
}
