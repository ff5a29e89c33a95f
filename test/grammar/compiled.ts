// A grammar as it is matched in the end: for passes and builders whose grammars hold registers or tokens.
import { encodePda } from '../../src/automata/index.js';
import { CompiledGrammar } from '../../src/compile/compiled-grammar.js';
import { type Grammar, GrammarBuilder, type Node, prepareGrammar, toPda } from '../../src/grammar/index.js';

/** The grammar, compiled. */
export function compiled(grammar: Grammar): CompiledGrammar {
  return new CompiledGrammar(encodePda(toPda(prepareGrammar(grammar))));
}

/** What `write` writes into a builder, compiled. */
export function built(write: (builder: GrammarBuilder) => Node): CompiledGrammar {
  const builder = new GrammarBuilder();
  return compiled(builder.build(write(builder)));
}
