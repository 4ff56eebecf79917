// Shortcuts of the desk. They are off while something is being typed or chosen.

const TYPING = 'input, textarea, select, [contenteditable]';

/** Listens until the returned function is called. */
export function listenToKeys(workspace, { help }) {
  const keyed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest('dialog')) return;
    if (event.key === 'Escape') return escape(event, workspace);
    if (event.target.closest(TYPING)) return;
    const action = ACTIONS[event.key];
    if (event.key === '?') help();
    else if (action) action(workspace);
    else return;
    event.preventDefault();
  };
  document.addEventListener('keydown', keyed);
  return () => document.removeEventListener('keydown', keyed);
}

const ACTIONS = {
  j: () => moveFocus(1),
  ArrowDown: () => moveFocus(1),
  k: () => moveFocus(-1),
  ArrowUp: () => moveFocus(-1),
  c: (workspace) => !workspace.standing(workspace.current)?.assignment && workspace.act('claim'),
  e: (workspace) => workspace.standing(workspace.current)?.status !== 'resolved' && workspace.act('resolve'),
  r: (workspace) => workspace.compose(false),
  n: (workspace) => workspace.compose(true),
  '/': () => document.getElementById('search')?.focus(),
};

/** Moves the focus along the list; Enter then opens, as on any link. */
function moveFocus(step) {
  const rows = [...document.querySelectorAll('.row')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.ariaCurrent === 'true');
  rows[Math.min(rows.length - 1, Math.max(0, from + step))]?.focus();
}

function escape(event, workspace) {
  if (event.target.closest(TYPING)) event.target.blur();
  else workspace.open(null);
}
