// The ledger: whether everything that was accepted is there.

import { LedgerPane } from './ledger.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [new URL('./styles.css', import.meta.url)];

export const View = LedgerPane;
