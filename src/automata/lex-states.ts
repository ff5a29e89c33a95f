// A lexer within one token: where the automata of the terminals stand that the token may still be of, and which tokens may
// end here. Interned, with steps remembered: this is the lexer's DFA, built as far as texts need it.
import { type LexedGrammar, LexerMode } from './lexed-image.js';
import type { ShadowSet, ShadowTable } from './shadows.js';
import { BAD, FREE } from './token-automaton.js';

/** A terminal in the token; `asKeyword`: it counts only as what another terminal's token may become. */
interface Entry {
  readonly terminal: number;
  readonly state: number;
  readonly asKeyword: boolean;
}

/** A token may end here. */
export interface TokenEnd {
  readonly terminal: number;
  /** The terminal that the lexer found, when the token became a keyword: it says whether the token is ignored. */
  readonly found: number;
  /** What must hold of the text that follows. */
  readonly shadows: ShadowSet;
}

export interface LexState {
  readonly id: number;
  /** In order of trial. */
  readonly entries: readonly Entry[];
  readonly ends: readonly TokenEnd[];
  /** Terminals of which a longer token may be. */
  readonly ahead: readonly number[];
  /** By byte; null: no token reads on. */
  readonly next: (LexState | null | undefined)[];
}

export class LexStates {
  readonly #grammar: LexedGrammar;
  readonly #shadows: ShadowTable;
  readonly #nextId: () => number;
  readonly #states = new Map<string, LexState>();
  /** By terminal, what its tokens may become, in order of trial. */
  readonly #keywordsOf: readonly (readonly { readonly becomes: number; readonly embedded: boolean }[])[];

  constructor(grammar: LexedGrammar, shadows: ShadowTable, nextId: () => number) {
    this.#grammar = grammar;
    this.#shadows = shadows;
    this.#nextId = nextId;
    this.#keywordsOf = grammar.terminals.map((_, terminal) =>
      grammar.keywords.filter(({ of }) => of === terminal),
    );
  }

  get size(): number {
    return this.#states.size;
  }

  /** The state before a token that may be of these terminals, ascending; null for none. */
  start(terminals: readonly number[]): LexState | null {
    const present = new Set(terminals);
    const embedded = new Set<number>();
    if (this.#hasOrder)
      for (const terminal of terminals)
        for (const { becomes, embedded: hidden } of this.#keywordsOf[terminal])
          if (hidden && present.has(becomes)) embedded.add(becomes);
    const entries = terminals.map((terminal) => ({
      terminal,
      state: 0,
      asKeyword: embedded.has(terminal),
    }));
    return entries.length === 0 ? null : this.#intern(entries);
  }

  step(from: LexState, byte: number): LexState | null {
    const known = from.next[byte];
    if (known !== undefined) return known;
    const result = this.#step(from, byte);
    from.next[byte] = result;
    return result;
  }

  /** Whether the first terminal in order of trial that matches takes the token from those behind it. */
  get #hasOrder(): boolean {
    return this.#mode === LexerMode.basic || this.#mode === LexerMode.contextual;
  }

  get #mode(): LexerMode {
    return this.#grammar.mode;
  }

  #step(from: LexState, byte: number): LexState | null {
    if (this.#mode === LexerMode.longest && from.entries.some((entry) => this.#endsLazily(entry)))
      return null;
    const entries: Entry[] = [];
    let taken = false;
    for (const { terminal, state, asKeyword } of from.entries) {
      const { next, classCount, classOf, block } = this.#grammar.terminals[terminal];
      const to = next[state * classCount + classOf[byte]];
      if (to < 0) continue;
      entries.push({ terminal, state: to, asKeyword: asKeyword || taken });
      if (this.#hasOrder && !asKeyword && !taken) taken = block[to] === BAD;
    }
    return entries.some(({ asKeyword }) => !asKeyword) ? this.#intern(this.#useful(entries)) : null;
  }

  /** Without those that only count as keywords of terminals that are not there. */
  #useful(entries: readonly Entry[]): readonly Entry[] {
    const wanted = new Set<number>();
    for (const { terminal, asKeyword } of entries)
      if (!asKeyword) for (const { becomes } of this.#keywordsOf[terminal]) wanted.add(becomes);
    return entries.filter(({ terminal, asKeyword }) => !asKeyword || wanted.has(terminal));
  }

  #endsLazily({ terminal, state }: Entry): boolean {
    return this.#grammar.lazy[terminal] === 1 && this.#endsOf(terminal, state).length > 0;
  }

  #intern(entries: readonly Entry[]): LexState {
    const key = entries.map(({ terminal, state, asKeyword }) => `${terminal},${state},${asKeyword ? 1 : 0}`);
    const name = key.join(';');
    let lexState = this.#states.get(name);
    if (!lexState) {
      const ahead = entries.flatMap(({ terminal, state }) =>
        this.#grammar.terminals[terminal].goesOn[state] ? [terminal] : [],
      );
      lexState = { id: this.#nextId(), entries, ends: this.#ends(entries), ahead, next: [] };
      this.#states.set(name, lexState);
    }
    return lexState;
  }

  #ends(entries: readonly Entry[]): TokenEnd[] {
    switch (this.#mode) {
      case LexerMode.dynamic:
        return entries.flatMap(({ terminal, state }) =>
          Array.from(this.#endsOf(terminal, state), (end) => this.#end(terminal, terminal, end, [])),
        );
      case LexerMode.longest:
        return this.#longestEnds(entries);
      default:
        return this.#orderedEnds(entries);
    }
  }

  /** A token of a terminal needs those before it to match nothing. */
  #orderedEnds(entries: readonly Entry[]): TokenEnd[] {
    const found: TokenEnd[] = [];
    const before: [number, number][] = [];
    for (const { terminal, state, asKeyword } of entries) {
      if (asKeyword) continue;
      for (const end of this.#endsOf(terminal, state))
        found.push(this.#end(this.#became(terminal, entries), terminal, end, before));
      const block = this.#grammar.terminals[terminal].block[state];
      if (block !== FREE && block !== BAD) before.push([terminal, block]);
    }
    return found;
  }

  /** A token of any terminal needs that none of them can match more; a lazy one takes it at once. */
  #longestEnds(entries: readonly Entry[]): TokenEnd[] {
    const lazy = entries.filter((entry) => this.#endsLazily(entry));
    if (lazy.length > 0) return lazy.map(({ terminal }) => this.#end(terminal, terminal, FREE, []));
    const longer = entries.flatMap(({ terminal, state }): [number, number][] => {
      const block = this.#grammar.terminals[terminal].block[state];
      return block === FREE || block === BAD ? [] : [[terminal, block]];
    });
    return entries.flatMap(({ terminal, state }) =>
      this.#endsOf(terminal, state).length > 0 ? [this.#end(terminal, terminal, FREE, longer)] : [],
    );
  }

  /** The first keyword whose text the token is, else the terminal itself. */
  #became(terminal: number, entries: readonly Entry[]): number {
    for (const { becomes } of this.#keywordsOf[terminal]) {
      const entry = entries.find((other) => other.terminal === becomes);
      if (entry && this.#endsOf(becomes, entry.state).length > 0) return becomes;
    }
    return terminal;
  }

  #endsOf(terminal: number, state: number): Int32Array {
    const { ends, endStart } = this.#grammar.terminals[terminal];
    return ends.subarray(endStart[state], endStart[state + 1]);
  }

  #end(
    becomes: number,
    terminal: number,
    shadow: number,
    others: readonly (readonly [number, number])[],
  ): TokenEnd {
    const members = shadow === FREE ? others : [...others, [terminal, shadow] as const];
    return { terminal: becomes, found: terminal, shadows: this.#shadows.of(members) };
  }
}
