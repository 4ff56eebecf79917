// Keeps a list of messages where its reader is: at the end while at the end, still while older ones are put above.

import { useLayoutEffect, useRef, useState, useEffect } from './ui.js';

const NEAR_END_PX = 48;
const NEAR_TOP_PX = 240;

/**
 * `list` is the ref of the scrolling element, whose one child holds `lines`. Returns `{atEnd, toEnd}`. `onTop` is
 * called when the reader comes near the beginning, `onSeen` when the end is on a visible screen.
 */
export function useMessageScroll({ list, lines, onTop, onSeen }) {
  const [atEnd, setAtEnd] = useState(true);
  const held = useRef({ atEnd: true, height: 0, first: null });
  // The listeners below outlive a drawing; they call what was handed in last.
  const calls = useRef(null);
  calls.current = { onTop, onSeen };
  const first = lines[0]?.key;
  const last = lines.at(-1)?.key;

  const toEnd = () => {
    const element = list.current;
    if (element) element.scrollTop = element.scrollHeight;
  };

  useLayoutEffect(() => {
    const element = list.current;
    const before = held.current;
    if (before.first !== first && before.first && lines.some((line) => line.key === before.first)) {
      element.scrollTop += element.scrollHeight - before.height;
    } else if (before.atEnd || lines.at(-1)?.state === 'sending') toEnd();
    held.current = { ...held.current, height: element.scrollHeight, first };
    // The page may be shorter than the screen: then its top is visible without a scroll event.
    if (element.scrollTop < NEAR_TOP_PX) onTop();
    if (held.current.atEnd) onSeen();
  }, [first, last, lines.length]);

  useEffect(() => {
    const element = list.current;
    const look = () => {
      const end = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
      held.current.atEnd = end;
      setAtEnd(end);
      if (end) calls.current.onSeen();
      if (element.scrollTop < NEAR_TOP_PX) calls.current.onTop();
    };
    // The keyboard of a phone, a growing composer or a sign of typing must not push the last message out of sight.
    const resized = new ResizeObserver(() => {
      if (held.current.atEnd) toEnd();
    });
    const visible = () => held.current.atEnd && calls.current.onSeen();
    element.addEventListener('scroll', look, { passive: true });
    document.addEventListener('visibilitychange', visible);
    resized.observe(element);
    resized.observe(element.firstElementChild);
    return () => {
      element.removeEventListener('scroll', look);
      document.removeEventListener('visibilitychange', visible);
      resized.disconnect();
    };
  }, []);

  return { atEnd, toEnd };
}
