// Door of the grammars room: the grammars that we ship, ready for `compile`. Their texts come from the folder grammars/.
import { texts } from './texts.js';

/** The name of a grammar that comes along. */
export type GrammarName = keyof typeof texts;

/**
 * The grammars that come along, each a source for `compile`: `compile(grammars.json5)`. docs/grammars.md says what each
 * one takes.
 */
export const grammars: { readonly [name in GrammarName]: { readonly gbnf: string } } = texts;
