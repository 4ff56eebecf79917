// The words that all screens share, in each language.

import { en } from './en.js';
import { zh } from './zh.js';

export const WORDS = { en, 'zh-CN': zh };
