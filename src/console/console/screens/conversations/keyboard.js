// Shortcuts of this screen. `shell/keyboard.js` says when they are off.

/** Does what `key` stands for; gives whether it stands for anything. */
export function pressed(key, conversations) {
  const action = ACTIONS[key];
  action?.(conversations);
  return Boolean(action);
}

const ACTIONS = {
  j: () => moveFocus(1),
  ArrowDown: () => moveFocus(1),
  k: () => moveFocus(-1),
  ArrowUp: () => moveFocus(-1),
  c: (conversations) => !conversations.standing(conversations.current)?.assignment && conversations.act('claim'),
  e: (conversations) => conversations.standing(conversations.current)?.status !== 'resolved' && conversations.act('resolve'),
  r: (conversations) => conversations.compose(false),
  n: (conversations) => conversations.compose(true),
  '/': () => document.getElementById('search')?.focus(),
};

/** Moves the focus along the list; Enter then opens, as on any link. */
function moveFocus(step) {
  const rows = [...document.querySelectorAll('.row')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.ariaCurrent === 'true');
  rows[Math.min(rows.length - 1, Math.max(0, from + step))]?.focus();
}
