// What a lexer looks for between two tokens, by where the parser stands: terminals that the parser can take, those that are
// ignored, and with lexer `basic` all. And the parser's steps over symbols, which are spelt in bytes.

import type { ConfigurationSet } from './configuration-set.js';
import { EDGE_WORDS, EdgeKind } from './edges.js';
import type { LexState, LexStates } from './lex-states.js';
import { isRawByte, type LexedGrammar, LexerMode, symbolBytes } from './lexed-image.js';
import type { Machine } from './machine.js';

export interface LexerContext {
  /** Symbols that the parser can take. */
  readonly viable: ReadonlySet<number>;
  /** The lexer before a token; null when there can be none. */
  readonly start: LexState | null;
  /** The same before the first token of the text. */
  readonly first: LexState | null;
  readonly hasTokenSets: boolean;
}

export class LexerContexts {
  readonly #grammar: LexedGrammar;
  readonly #parser: Machine;
  readonly #lexer: LexStates;
  readonly #spellings: readonly (readonly number[])[];
  readonly #ignored: ReadonlySet<number>;
  readonly #contexts = new WeakMap<ConfigurationSet, LexerContext>();

  constructor(grammar: LexedGrammar, parser: Machine, lexer: LexStates) {
    this.#grammar = grammar;
    this.#parser = parser;
    this.#lexer = lexer;
    this.#ignored = new Set(grammar.ignored);
    this.#spellings = Array.from({ length: grammar.symbolCount }, (_, symbol) =>
      symbolBytes(symbol, grammar.symbolCount, grammar.raw !== undefined),
    );
  }

  of(parser: ConfigurationSet): LexerContext {
    let context = this.#contexts.get(parser);
    if (!context) {
      context = this.#create(parser);
      this.#contexts.set(parser, context);
    }
    return context;
  }

  /** The parser after a symbol, or null. */
  after(parser: ConfigurationSet, symbol: number): ConfigurationSet | null {
    let set: ConfigurationSet | null = parser;
    for (const byte of this.#spellings[symbol]) set = set && this.#parser.step(set, byte);
    return set;
  }

  #create(parser: ConfigurationSet): LexerContext {
    const viable = this.#viable(parser);
    const { mode, terminals, indentation, initialSkip } = this.#grammar;
    const takes = (terminal: number) =>
      mode === LexerMode.basic ||
      viable.has(terminal) ||
      this.#ignored.has(terminal) ||
      terminal === indentation?.newline;
    const wanted = terminals.flatMap((_, terminal) => (takes(terminal) ? [terminal] : []));
    const start = this.#lexer.start(wanted);
    const first = initialSkip
      ? start
      : this.#lexer.start(wanted.filter((terminal) => viable.has(terminal) || !this.#ignored.has(terminal)));
    const hasTokenSets = this.#parser.tokenSets(parser).size > 0;
    const dedent = indentation?.dedent ?? -1;
    const canGoOn =
      parser.accepting ||
      hasTokenSets ||
      viable.has(dedent) ||
      [...viable].some((symbol) => symbol < terminals.length);
    return { viable, start: canGoOn ? start : null, first: canGoOn ? first : null, hasTokenSets };
  }

  #viable(parser: ConfigurationSet): Set<number> {
    const { symbolCount, raw } = this.#grammar;
    const wide = raw !== undefined || symbolCount > 256;
    const found = new Set<number>();
    for (const first of this.#bytesOf(parser)) {
      if (raw && isRawByte(first)) continue;
      if (!wide) {
        if (first < symbolCount) found.add(first);
        continue;
      }
      const between = this.#parser.step(parser, first);
      const lead = first - this.#spellings[0][0];
      if (between)
        for (const second of this.#bytesOf(between))
          if (lead * 256 + second < symbolCount) found.add(lead * 256 + second);
    }
    return found;
  }

  #bytesOf({ states }: ConfigurationSet): Set<number> {
    const { edges, edgeStart } = this.#parser.pda;
    const bytes = new Set<number>();
    for (const state of states)
      for (let at = edgeStart[state] * EDGE_WORDS; at < edgeStart[state + 1] * EDGE_WORDS; at += EDGE_WORDS)
        if (edges[at] === EdgeKind.bytes)
          for (let byte = edges[at + 1]; byte <= edges[at + 2]; byte++) bytes.add(byte);
    return bytes;
  }
}
