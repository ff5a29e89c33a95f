// The last step of compilation: the states that are reached get their final numbers and become the flat arrays of a Pda.
// Reads what to-pda.ts has collected; literals and shared lexemes, whose states are in order already, stay together.
import {
  ACCEPT_STATE,
  EDGE_WORDS,
  EdgeKind,
  FLAT_WORDS,
  type FlatDfa,
  newPdaArrays,
  type Pda,
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
const scratch = new Scratch<'number' | 'order' | 'edgeStart' | 'edges'>();

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
  const { stateCount, edgeStart, edges, lexemeOf, words } = packing.arrays();
  const pda = { stateCount, start: first, edgeStart, edges, lexemeOf, tokenSets, checks, words };
  return { pda, order: () => packing.order() };
}

class Packing {
  readonly #store: EdgeStore;
  readonly #lexemes: Lexemes;
  readonly #returnState: number;
  readonly #number: Int32Array;
  readonly #order: Int32Array;
  #count = 0;
  readonly #edgeStart: Int32Array;
  readonly #edges: Int32Array;
  #words = 0;

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
    this.#edges = scratch.array('edges', edges * EDGE_WORDS);
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

  arrays(): ReturnType<typeof newPdaArrays> & Pick<Pda, 'stateCount'> {
    const { edgeStart, edges, lexemeOf, words } = newPdaArrays(this.#count, this.#words / EDGE_WORDS);
    edgeStart.set(this.#edgeStart.subarray(0, this.#count + 1));
    edges.set(this.#edges.subarray(0, this.#words));
    for (let state = 0; state < this.#count; state++) lexemeOf[state] = this.#store.copy(this.#order[state]);
    return { stateCount: this.#count, edgeStart, edges, lexemeOf, words };
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
        edges[words] = kind;
        edges[words + 1] = read[edge];
        edges[words + 2] = read[edge + 1];
        edges[words + 3] = number[entry + read[edge + 2]];
        words += EDGE_WORDS;
      }
      if (accept[s]) {
        edges[words] = EdgeKind.epsilon;
        edges[words + 1] = 0;
        edges[words + 2] = 0;
        edges[words + 3] = returns;
        words += EDGE_WORDS;
      }
      this.#edgeStart[++place] = words / EDGE_WORDS;
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
      edges[words] = kind;
      edges[words + 1] = kind === EdgeKind.call ? this.visit(store.a(edge)) : store.a(edge);
      edges[words + 2] = store.b(edge);
      edges[words + 3] = this.visit(store.to(edge));
      words += EDGE_WORDS;
    }
    this.#words = words;
    this.#edgeStart[at + 1] = words / EDGE_WORDS;
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
      edges[words] = EdgeKind.bytes;
      edges[words + 1] = bytes[i];
      edges[words + 2] = bytes[i];
      edges[words + 3] = place + 1;
      words += EDGE_WORDS;
      this.#edgeStart[++place] = words / EDGE_WORDS;
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
