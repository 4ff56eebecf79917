// Keeps a list of messages where its reader is: at the end while at the end, still while older ones are put above.

import { useLayoutEffect, useRef, useState, useEffect } from './ui.js';

const NEAR_END_PX = 48;
const NEAR_TOP_PX = 240;

/**
 * `list` is the ref of the scrolling element, whose one child holds `lines`. Returns `{atEnd, toEnd}`. `onTop` is
 * called when the reader comes near the beginning, `onSeen` when the end is on a visible screen. `place` may keep where
 * the reader was, as `{fromEnd}` in pixels, for a list that is drawn anew or taken out of the page and put back: when
 * `drawing` changes, the list goes there.
 */
export function useMessageScroll({ list, lines, onTop, onSeen, place = { fromEnd: 0 }, drawing = 0 }) {
  const [atEnd, setAtEnd] = useState(true);
  const held = useRef({ atEnd: place.fromEnd < NEAR_END_PX, height: 0, first: null });
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
    if (first && !before.first && !before.atEnd) element.scrollTop = element.scrollHeight - element.clientHeight - place.fromEnd;
    else if (before.first !== first && before.first && lines.some((line) => line.key === before.first)) {
      element.scrollTop += element.scrollHeight - before.height;
    } else if (before.atEnd || lines.at(-1)?.state === 'sending') toEnd();
    held.current = { ...held.current, height: element.scrollHeight, first };
    // The page may be shorter than the screen: then its top is visible without a scroll event.
    if (element.scrollTop < NEAR_TOP_PX) onTop();
    if (held.current.atEnd) onSeen();
  }, [first, last, lines.length]);

  useLayoutEffect(() => {
    const element = list.current;
    if (drawing) element.scrollTop = element.scrollHeight - element.clientHeight - place.fromEnd;
  }, [drawing]);

  useEffect(() => {
    const element = list.current;
    const look = () => {
      // Out of the page there is nothing to scroll.
      if (!element.clientHeight) return;
      const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
      const end = fromEnd < NEAR_END_PX;
      held.current.atEnd = end;
      if (held.current.first) place.fromEnd = Math.max(0, fromEnd);
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
