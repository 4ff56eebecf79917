// Keyboard shortcuts. They are off while something is being typed or chosen, and while a dialog is open.

import { useEffect } from '../shared/ui.js';
import { isComposing } from '../shared/keys.js';

const TYPING = 'input, textarea, select, [contenteditable]';

/** The shortcuts of the whole console: help, and Escape, which leads back to the list. */
export function useShortcuts(workspace, { help }) {
  useEffect(() => listen((event) => {
    if (event.key === 'Escape') return escape(event, workspace.router);
    if (event.key !== '?' || event.target.closest(TYPING)) return false;
    help();
    return true;
  }), [workspace]);
}

/** Shortcuts of one screen while it is shown: `pressed(key)` gives whether the key stands for anything. */
export function useKeys(pressed, inputs) {
  useEffect(() => listen((event) => !event.target.closest(TYPING) && event.key !== 'Escape' && pressed(event.key)), inputs);
}

function listen(pressed) {
  const keyed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isComposing(event) || event.defaultPrevented) return;
    if (event.target.closest('dialog')) return;
    if (pressed(event)) event.preventDefault();
  };
  document.addEventListener('keydown', keyed);
  return () => document.removeEventListener('keydown', keyed);
}

function escape(event, router) {
  if (event.target.closest(TYPING)) event.target.blur();
  else router.go(parentOf(router.route));
  return true;
}

/** One step up: from one thing to its list, from a list to the page that links it, from there to the conversations. */
export function parentOf({ path, screen }) {
  if (!screen || !screen.group || screen.group === 'rail') return '';
  return path === screen.routes[0] ? 'manage' : screen.routes[0];
}
