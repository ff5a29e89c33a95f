// Door of the grammars room: the grammars that we ship, ready for `compile`. Their texts come from the folder grammars/.
import { type GrammarName, texts } from './texts.js';

export type { GrammarName };

/**
 * The grammars that come along, each a source for `compile`: `compile(grammars.json5)`. docs/grammars.md says what each
 * one takes.
 */
export const grammars: {
  readonly [name in GrammarName]: name extends 'python'
    ? { readonly lark: string; readonly lexer: 'basic' }
    : { readonly gbnf: string };
} = texts;
