// The last step of compilation: the states that are reached get their final numbers and become the flat arrays of a Pda.
// Reads what to-pda.ts has collected; literals and shared lexemes, whose states are in order already, stay together.
import {
  ACCEPT_STATE,
  EdgeKind,
  FLAT_WORDS,
  type FlatDfa,
  hasOperand,
  PACKED_WORDS,
  PackedPda,
  type Pda,
  packedWord,
  Scratch,
  type TextCheck,
  type TokenSet,
} from '../automata/index.js';
import { type EdgeStore, LITERAL } from './edge-store.js';

/** A lexeme that is called: its states are numbered from `entry` on, state s of the automaton is entry + s. */
export interface LexemeBlock {
  readonly entry: number;
  readonly flat: FlatDfa;
  /** What its edges are: white space between the parts of a value is quiet. */
  readonly kind: typeof EdgeKind.bytes | typeof EdgeKind.quiet;
}

/** By their entries, the only states of theirs that others lead to. */
export type Lexemes = Map<number, LexemeBlock>;

const UNSEEN = -1;
const scratch = new Scratch<'number' | 'order' | 'edgeStart' | 'edges' | 'operands'>();

/**
 * Drops states that only pass on to another, and unreachable ones, and numbers the rest in breadth-first order, so that
 * equal grammars give equal images. The states of a lexeme or a literal stay together. `order` gives what each state was
 * before, until the next automaton is packed.
 */
export function pack(
  store: EdgeStore,
  lexemes: Lexemes,
  start: number,
  returnState: number,
  tokenSets: readonly TokenSet[],
  checks: readonly TextCheck[],
): { readonly pda: Pda; readonly order: () => ArrayLike<number> } {
  const packing = new Packing(store, lexemes, returnState);
  const first = packing.visit(start);
  packing.run();
  return { pda: packing.finish({ start: first, tokenSets, checks }), order: () => packing.order() };
}

class Packing {
  readonly #store: EdgeStore;
  readonly #lexemes: Lexemes;
  readonly #returnState: number;
  readonly #number: Int32Array;
  readonly #order: Int32Array;
  #count = 0;
  readonly #edgeStart: Int32Array;
  /** As an image has them. */
  readonly #edges: Int32Array;
  #words = 0;
  readonly #operands: Int32Array;
  #operandCount = 0;

  constructor(store: EdgeStore, lexemes: Lexemes, returnState: number) {
    this.#store = store;
    this.#lexemes = lexemes;
    this.#returnState = returnState;
    let edges = store.edgeCount;
    for (const { flat } of lexemes.values()) edges += flat.edges.length / FLAT_WORDS + flat.accept.length;
    this.#number = scratch.filled('number', store.stateCount, UNSEEN);
    this.#order = scratch.array('order', store.stateCount);
    this.#edgeStart = scratch.array('edgeStart', store.stateCount + 1);
    this.#edgeStart[0] = 0;
    this.#edges = scratch.array('edges', edges * PACKED_WORDS);
    this.#operands = scratch.array('operands', store.edgeCount);
    this.#append(ACCEPT_STATE);
  }

  /** The final number of a state. */
  visit(state: number): number {
    const goal = this.#goal(state);
    if (this.#number[goal] !== UNSEEN) return this.#number[goal];
    const block = this.#blockAt(goal);
    return block ? this.#place(block) : this.#append(goal);
  }

  /** Writes the edges of one state after the other; those of lexemes are met at their entry. */
  run(): void {
    for (let at = 0; at < this.#count; ) {
      const block = this.#blockAt(this.#order[at]);
      at = block ? this.#writeBlock(block, at) : this.#writeState(at);
    }
  }

  /** The lexeme that begins with a state; most states belong to none. */
  #blockAt(state: number): LexemeBlock | undefined {
    return this.#store.copy(state) > 0 ? this.#lexemes.get(state) : undefined;
  }

  finish(rest: Pick<Pda, 'start' | 'tokenSets' | 'checks'>): Pda {
    const stateCount = this.#count;
    const pda = new PackedPda(
      { ...rest, stateCount, edgeStart: this.#edgeStart.subarray(0, stateCount + 1) },
      {
        packed: this.#edges.subarray(0, this.#words),
        operands: this.#operands.subarray(0, this.#operandCount),
      },
    );
    const { lexemeOf } = pda;
    for (let state = 0; state < stateCount; state++) lexemeOf[state] = this.#store.copy(this.#order[state]);
    return pda;
  }

  order(): Int32Array {
    return this.#order.slice(0, this.#count);
  }

  #append(state: number): number {
    const first = this.#count;
    this.#number[state] = first;
    this.#order[this.#count++] = state;
    const edge = this.#store.first(state);
    if (edge >= 0 && this.#store.kind(edge) === LITERAL) {
      const { length } = this.#store.literal(edge);
      for (let i = 1; i < length - this.#store.b(edge); i++) this.#order[this.#count++] = state + i;
    }
    return first;
  }

  /** Numbers the states of a lexeme, but for the one that only returns. */
  #place({ entry, flat }: LexemeBlock): number {
    const { accept, edgeStart } = flat;
    const first = this.#count;
    for (let s = 0; s < accept.length; s++) if (edgeStart[s] < edgeStart[s + 1]) this.#append(entry + s);
    const returns = this.visit(this.#returnState);
    for (let s = 0; s < accept.length; s++)
      if (edgeStart[s] === edgeStart[s + 1]) this.#number[entry + s] = returns;
    return first;
  }

  /** Returns the place in the order behind the block. */
  #writeBlock({ entry, flat, kind }: LexemeBlock, at: number): number {
    const { accept, edgeStart, edges: read } = flat;
    const number = this.#number;
    const edges = this.#edges;
    const returns = number[this.#returnState];
    let words = this.#words;
    let place = at;
    for (let s = 0; s < accept.length; s++) {
      const end = edgeStart[s + 1] * FLAT_WORDS;
      let edge = edgeStart[s] * FLAT_WORDS;
      if (edge === end) continue;
      for (; edge < end; edge += FLAT_WORDS) {
        edges[words] = packedWord(kind, read[edge], read[edge + 1]);
        edges[words + 1] = number[entry + read[edge + 2]];
        words += PACKED_WORDS;
      }
      if (accept[s]) {
        edges[words] = EdgeKind.epsilon;
        edges[words + 1] = returns;
        words += PACKED_WORDS;
      }
      this.#edgeStart[++place] = words / PACKED_WORDS;
    }
    this.#words = words;
    return place;
  }

  #writeState(at: number): number {
    const store = this.#store;
    const edges = this.#edges;
    let words = this.#words;
    for (let edge = store.first(this.#order[at]); edge >= 0; edge = store.next(edge)) {
      const kind = store.kind(edge);
      if (kind === LITERAL) return this.#writeLiteral(edge, at);
      edges[words] = packedWord(kind, store.a(edge), store.b(edge));
      if (hasOperand(kind))
        this.#operands[this.#operandCount++] =
          kind === EdgeKind.call ? this.visit(store.a(edge)) : store.a(edge);
      edges[words + 1] = this.visit(store.to(edge));
      words += PACKED_WORDS;
    }
    this.#words = words;
    this.#edgeStart[at + 1] = words / PACKED_WORDS;
    return at + 1;
  }

  /** Returns the place in the order behind the literal. */
  #writeLiteral(edge: number, at: number): number {
    const bytes = this.#store.literal(edge);
    const from = this.#store.b(edge);
    const edges = this.#edges;
    let words = this.#words;
    let place = at;
    for (let i = from; i < bytes.length; i++) {
      edges[words] = packedWord(EdgeKind.bytes, bytes[i], bytes[i]);
      edges[words + 1] = place + 1;
      words += PACKED_WORDS;
      this.#edgeStart[++place] = words / PACKED_WORDS;
    }
    edges[words - 1] = this.visit(this.#store.to(edge));
    this.#words = words;
    return place;
  }

  /** Where a state leads that only passes on; itself in a circle of such. */
  #goal(state: number): number {
    const store = this.#store;
    let at = state;
    for (let steps = 0; steps <= store.stateCount; steps++) {
      const edge = store.first(at);
      if (edge < 0 || store.kind(edge) !== EdgeKind.epsilon || store.next(edge) >= 0) return at;
      at = store.to(edge);
    }
    return at;
  }
}
