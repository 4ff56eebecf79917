// Keeps the widget in the page when a router replaces the body, or the page takes the element out.

/** Something on the page that takes the element out each time is left its way after this many times in a row. */
const MOST_AT_ONCE = 10;
const AT_ONCE_MS = 2_000;

/** Puts `element` at the end of the body, and back there whenever it is not in the page any more. */
export function keepPlaced(element) {
  let times = [];
  const place = () => {
    if (element.isConnected || !document.body) return;
    const now = performance.now();
    times = [...times.filter((time) => now - time < AT_ONCE_MS), now];
    if (times.length <= MOST_AT_ONCE) document.body.append(element);
    else {
      observer.disconnect();
      console.warn('Frontdesk: something on this page removes the chat again and again; it stays away.');
    }
  };
  const observer = new MutationObserver(() => {
    watch();
    place();
  });
  // The page's root, its body, and what lies in there can each be another one by now.
  const watch = () => {
    observer.disconnect();
    for (const node of [document, document.documentElement, document.body]) if (node) observer.observe(node, { childList: true });
  };
  watch();
  place();
}
