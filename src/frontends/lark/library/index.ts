// The grammars that come along: what Lark's documentation lets a grammar import, written anew.
import { COMMON } from './common.js';
import { LARK } from './lark.js';
import { PYTHON } from './python.js';
import { UNICODE } from './unicode.js';

export { BUILTINS } from './builtins.js';

/** By the name that `%import` uses. */
export const LIBRARY: Readonly<Record<string, string>> = {
  __proto__: null as never,
  common: COMMON,
  lark: LARK,
  python: PYTHON,
  unicode: UNICODE,
};
