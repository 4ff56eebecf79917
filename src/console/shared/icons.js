// Line icons, 24 by 24, in the colour of the text around them.

import { html } from './ui.js';

const PATHS = {
  alert: 'M12 8v5M12 16.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  all: 'M4 6h16M4 12h16M4 18h10',
  away: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z',
  back: 'M15 5l-7 7 7 7',
  calendar: 'M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1ZM4 10.500h16M8.5 3.500v4M15.5 3.500v4',
  chat: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  done: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM8 12.5l2.7 2.7L16 9.5',
  down: 'M6 9l6 6 6-6',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c2.5 2.6 3.8 5.6 3.8 9S14.5 18.4 12 21c-2.5-2.6-3.8-5.6-3.8-9S9.5 5.6 12 3Z',
  help: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7M12 16.7v.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 11v5.5M12 7.5v.01',
  key: 'M14.5 4a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM10.5 13.5L4 20M7 17l2.5 2.5',
  leave: 'M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M10 8l-4 4 4 4M6 12h10',
  ledger: 'M6.5 3.5H19v17H6.5A1.5 1.5 0 0 1 5 19V5a1.5 1.5 0 0 1 1.5-1.5ZM8.5 3.5v17M12 8.5h4M12 12h4',
  manage: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  next: 'M9 5l7 7-7 7',
  note: 'M5 4h14v10l-5 6H5ZM19 14h-5v6M8.5 9h7M8.5 12.5h3.5',
  people: 'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 19.5c.7-3 3.2-4.8 6.5-4.8s5.8 1.8 6.5 4.8M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 15.2c1.8.8 3 2.3 3.5 4.3',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.8-3.5 3.7-5.5 7.5-5.5s6.7 2 7.5 5.5',
  plus: 'M12 5v14M5 12h14',
  queue: 'M4 13l2.5-8h11L20 13v5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18ZM4 13h5l1.2 2.5h3.6L15 13h5',
  reopen: 'M4 5v5h5M4.6 10A8 8 0 1 1 4 13.5',
  scroll: 'M7 4h12v13a3 3 0 0 1-3 3H6a2 2 0 0 1-2-2v-1h9v1a2 2 0 0 0 3 1.700M7 4v13M10.5 8.500h5M10.5 12h5',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.5 15.5L20 20',
  send: 'M4 11.5L20.5 4 14 20.5l-2.8-6.7ZM11.2 13.8L20.5 4',
  settings: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.600l2.1 2.100M16.3 16.300l2.1 2.100M18.4 5.600l-2.1 2.100M7.7 16.300l-2.1 2.1',
  star: 'M12 4l2.4 5 5.6.8-4 3.9.9 5.500L12 16.600l-4.9 2.6.9-5.5-4-3.9 5.6-.8Z',
  swap: 'M4 8h14M14.5 4.5L18 8l-3.5 3.5M20 16H6M9.5 12.5L6 16l3.5 3.5',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7',
};

export function Icon({ name, size = 20 }) {
  return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} /></svg>`;
}

// The states differ in shape and weight, not in colour alone.
const MARKS = {
  sending: html`<path d=${PATHS.clock} />`,
  accepted: html`<path d="M5 12.5l4.5 4.5L19 7.5" />`,
  persisted: html`<path d=${PATHS.done} />`,
  delivered: html`<path d="M1.5 12.5L6 17l9.5-9.5M11.5 16l1 1L22 7.5" />`,
  read: html`<rect class="fill" x="0" y="3" width="24" height="18" rx="6" />
    <path class="on-fill" d="M3.5 12.5l3.5 3.5 7-7.5M11.5 15.5l.6.6L19.5 8.5" />`,
  dead_lettered: html`<path d=${PATHS.alert} />`,
  failed: html`<path d=${PATHS.alert} />`,
};

/** How far a message has come, as an icon with words. */
export function DeliveryMark({ state, words }) {
  return html`<span class=${`mark mark-${state}`} role="img" title=${words} aria-label=${words}>
    <svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">${MARKS[state]}</svg>
  </span>`;
}
