// Runs a grammar with a lexer on bytes: the parser's automaton over terminals (machine.ts), fed by a lexer that need not
// know yet where a token ends. Where one may end, the parser goes on behind it while the condition under which the lexer
// would have ended it there is watched beside (shadows.ts). Sets of such configurations are interned, steps remembered.
import { LimitError } from '../errors.js';
import type { ByteMachine } from './byte-machine.js';
import type { ConfigurationSet } from './configuration-set.js';
import { type Indent, Indenter } from './indenter.js';
import { type LexState, LexStates, type TokenEnd } from './lex-states.js';
import { isRawByte, type LexedGrammar, LexerMode } from './lexed-image.js';
import { LexerContexts } from './lexer-contexts.js';
import { Machine, type MachineOptions } from './machine.js';
import type { Pda } from './pda.js';
import { type ShadowSet, ShadowTable } from './shadows.js';

interface Configuration {
  readonly parser: ConfigurationSet;
  /** Within a token; null between two, or in a raw part. */
  readonly token: LexState | null;
  readonly isRaw: boolean;
  readonly shadows: ShadowSet;
  readonly indent: Indent;
  /** In a token of newlines: columns since the last newline, -1 before the first. Otherwise -1. */
  readonly column: number;
}

export interface LexedSet {
  readonly id: number;
  readonly configurations: readonly Configuration[];
  readonly accepting: boolean;
  /** Remembered steps: by byte; undefined: not yet taken, null: refused. */
  readonly next: (LexedSet | null | undefined)[];
}

/** Raw parts that end where they begin, one after the other; front ends write none. */
const MAX_EMPTY_PARTS = 100;

/** A grammar with a lexer in motion. One per grammar; any number of matchers share it. */
export class LexedMachine implements ByteMachine<LexedSet> {
  readonly start: LexedSet;
  readonly #grammar: LexedGrammar;
  readonly #parser: Machine;
  readonly #maxConfigurations: number;
  readonly #maxRemembered: number;
  readonly #memo: boolean;
  readonly #ignored: Uint8Array;
  #ids = 1;
  readonly #nextId = () => this.#ids++;
  #shadows!: ShadowTable;
  #lexer!: LexStates;
  #contexts!: LexerContexts;
  #indenter!: Indenter;
  #sets = new Map<string, LexedSet>();

  constructor(grammar: LexedGrammar, options: MachineOptions = {}) {
    this.#grammar = grammar;
    this.#parser = new Machine(grammar.parser, options);
    this.#maxConfigurations = options.maxConfigurations ?? 4096;
    this.#maxRemembered = options.maxRemembered ?? 200_000;
    this.#memo = options.memo ?? true;
    this.#ignored = new Uint8Array(grammar.terminals.length);
    for (const terminal of grammar.ignored) this.#ignored[terminal] = 1;
    this.#begin();
    const between = new Map<string, Configuration>();
    this.#between(this.#parser.start, this.#shadows.none, this.#indenter.outermost, between);
    this.start = this.#intern([...between.values()]) ?? this.#create([], false);
  }

  get pda(): Pda {
    return this.#grammar.parser;
  }

  step(from: LexedSet, byte: number): LexedSet | null {
    const known = from.next[byte];
    if (known !== undefined) return known;
    const reached = new Map<string, Configuration>();
    for (const configuration of from.configurations) this.#stepOne(configuration, byte, from, reached);
    const result = this.#intern([...reached.values()]);
    if (this.#memo) from.next[byte] = result;
    return result;
  }

  stepToken(from: LexedSet, matches: (tokenSet: number) => boolean): LexedSet | null {
    const reached = new Map<string, Configuration>();
    for (const { parser, token, isRaw, shadows, indent } of from.configurations) {
      if (token || isRaw || !shadows.holdsAtEnd) continue;
      const after = this.#parser.stepToken(parser, matches);
      if (after) this.#between(after, this.#shadows.none, indent, reached);
    }
    return this.#intern([...reached.values()]);
  }

  tokenSets(from: LexedSet): ReadonlySet<number> {
    const found = new Set<number>();
    for (const { parser, token, isRaw, shadows } of from.configurations)
      if (!token && !isRaw && shadows.holdsAtEnd)
        for (const tokenSet of this.#parser.tokenSets(parser)) found.add(tokenSet);
    return found;
  }

  union(a: LexedSet, b: LexedSet): LexedSet {
    const both = new Map<string, Configuration>();
    for (const configuration of [...a.configurations, ...b.configurations]) this.#add(configuration, both);
    return this.#intern([...both.values()]) ?? a;
  }

  forcedByte(set: LexedSet): number {
    if (set.accepting || this.tokenSets(set).size > 0) return -1;
    let forced = -1;
    for (let byte = 0; byte < 256; byte++) {
      if (!this.step(set, byte)) continue;
      if (forced !== -1) return -1;
      forced = byte;
    }
    return forced;
  }

  #stepOne(
    configuration: Configuration,
    byte: number,
    from: LexedSet,
    reached: Map<string, Configuration>,
  ): void {
    const { parser, isRaw, indent } = configuration;
    const shadows = this.#shadows.step(configuration.shadows, byte);
    if (!shadows) return;
    if (isRaw) {
      const after = isRawByte(byte) ? this.#parser.step(parser, byte) : null;
      if (after) this.#raw(after, shadows, indent, reached);
      return;
    }
    const before = configuration.token ?? this.#startOfToken(parser, from);
    const token = before && this.#lexer.step(before, byte);
    if (!token) return;
    const column = this.#indenter.column(token, configuration.column, byte);
    for (const end of token.ends) this.#endToken({ ...configuration, shadows, column }, end, reached);
    if (this.#canGoOn(parser, token, indent))
      this.#add({ ...configuration, token, shadows, column }, reached);
  }

  #startOfToken(parser: ConfigurationSet, from: LexedSet): LexState | null {
    const context = this.#contexts.of(parser);
    return from === this.start ? context.first : context.start;
  }

  /** Whether some longer token would be of use: ignored, taken by the parser, or a newline between brackets. */
  #canGoOn(parser: ConfigurationSet, token: LexState, indent: Indent): boolean {
    const { viable } = this.#contexts.of(parser);
    return token.ahead.some(
      (terminal) =>
        this.#ignored[terminal] || viable.has(terminal) || this.#indenter.isDropped(terminal, indent),
    );
  }

  #endToken(
    { parser, shadows: before, indent, column }: Configuration,
    { terminal, found, shadows: condition }: TokenEnd,
    reached: Map<string, Configuration>,
  ): void {
    const shadows = this.#shadows.union(before, condition);
    if (this.#ignored[found] || this.#indenter.isDropped(terminal, indent)) {
      this.#between(parser, shadows, indent, reached);
      if (this.#ignoresAlways) return;
    }
    const after = this.#contexts.after(parser, terminal);
    const settled = after && this.#indenter.settle(after, terminal, indent, column);
    if (settled) this.#between(settled.parser, shadows, settled.indent, reached);
  }

  /** The configuration between two tokens, and those that begin or end a raw part there. */
  #between(
    parser: ConfigurationSet,
    shadows: ShadowSet,
    indent: Indent,
    reached: Map<string, Configuration>,
    depth = 0,
  ): void {
    const context = this.#contexts.of(parser);
    if (context.first || parser.accepting || context.hasTokenSets || this.#indenter.canEnd(parser, indent))
      this.#add({ parser, token: null, isRaw: false, shadows, indent, column: -1 }, reached);
    const { raw } = this.#grammar;
    const begun = raw && this.#contexts.after(parser, raw.begin);
    if (begun) this.#raw(begun, shadows, indent, reached, depth + 1);
  }

  #raw(
    parser: ConfigurationSet,
    shadows: ShadowSet,
    indent: Indent,
    reached: Map<string, Configuration>,
    depth = 0,
  ): void {
    if (depth > MAX_EMPTY_PARTS)
      throw new LimitError('MAX_EMPTY_PARTS', MAX_EMPTY_PARTS, 'raw parts of no text follow one another');
    this.#add({ parser, token: null, isRaw: true, shadows, indent, column: -1 }, reached);
    const ended = this.#contexts.after(parser, this.#grammar.raw!.end);
    if (ended) this.#between(ended, shadows, indent, reached, depth);
  }

  /** Configurations that differ in the parser alone are one. */
  #add(configuration: Configuration, reached: Map<string, Configuration>): void {
    const { parser, token, isRaw, shadows, indent, column } = configuration;
    const key = `${token ? token.id : -1},${isRaw ? 1 : 0},${shadows.id},${indent.id},${column}`;
    const known = reached.get(key);
    if (!known) reached.set(key, configuration);
    else if (known.parser !== parser)
      reached.set(key, { ...configuration, parser: this.#parser.union(known.parser, parser) });
    if (reached.size > this.#maxConfigurations)
      throw new LimitError('maxConfigurations', this.#maxConfigurations, 'the grammar is too ambiguous here');
  }

  #intern(configurations: readonly Configuration[]): LexedSet | null {
    if (configurations.length === 0) return null;
    const accepting = configurations.some(
      ({ parser, token, isRaw, shadows, indent }) =>
        !token && !isRaw && shadows.holdsAtEnd && this.#indenter.canEnd(parser, indent),
    );
    if (!this.#memo) return this.#create(configurations, accepting);
    if (this.#remembered > this.#maxRemembered) this.#forget();
    const parts = configurations.map(
      ({ parser, token, isRaw, shadows, indent, column }) =>
        `${parser.id},${token ? token.id : -1},${isRaw ? 1 : 0},${shadows.id},${indent.id},${column}`,
    );
    const key = parts.sort().join(';');
    let set = this.#sets.get(key);
    if (!set) {
      set = this.#create(configurations, accepting);
      this.#sets.set(key, set);
    }
    return set;
  }

  #create(configurations: readonly Configuration[], accepting: boolean): LexedSet {
    return { id: this.#nextId(), configurations, accepting, next: [] };
  }

  /** Whether a terminal that is ignored never reaches the parser: Earley's lexers try both. */
  get #ignoresAlways(): boolean {
    return this.#grammar.mode === LexerMode.basic || this.#grammar.mode === LexerMode.contextual;
  }

  get #remembered(): number {
    return this.#sets.size + this.#lexer.size + this.#shadows.size + this.#indenter.size;
  }

  /** Begins the tables anew. Sets that matchers hold stay valid; they merely stop being shared with new ones. */
  #forget(): void {
    this.#begin();
    if (this.start) this.start.next.length = 0;
  }

  #begin(): void {
    this.#sets = new Map();
    this.#shadows = new ShadowTable(this.#grammar.terminals, this.#nextId);
    this.#lexer = new LexStates(this.#grammar, this.#shadows, this.#nextId);
    this.#contexts = new LexerContexts(this.#grammar, this.#parser, this.#lexer);
    this.#indenter = new Indenter(this.#grammar, this.#contexts, this.#nextId);
  }
}
