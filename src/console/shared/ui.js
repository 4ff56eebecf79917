// What screens are made of: one import for components.

import { h, render, createContext, Fragment } from '../vendor/preact.js';
import { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext } from '../vendor/preact-hooks.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { render, createContext, Fragment, useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext };

/** Draws the component again whenever `source` (an Observable, or nothing) changes. */
export function useObservable(source) {
  const [, redraw] = useState(0);
  const drawn = source?.version;
  useLayoutEffect(() => {
    if (!source) return undefined;
    const again = () => redraw((count) => count + 1);
    // Something may have changed between drawing and now.
    if (source.version !== drawn) again();
    return source.subscribe(again);
  }, [source]);
  return source;
}

/** Draws again every `ms`, for texts like "3 s ago". */
export function useTicking(ms) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
}

/** Joins class names; falsy ones are left out. */
export const classes = (...names) => names.filter(Boolean).join(' ');
