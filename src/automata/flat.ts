// A DFA as flat arrays: the form in which this room builds, compares and copies automata. A Dfa made from one lists its
// edges as objects only when somebody asks for them.
import type { Dfa, DfaEdge } from './dfa.js';
import { NotedDfa, noted } from './notes.js';

/** Words per edge: lo, hi, to. */
export const FLAT_WORDS = 3;

/** State s has the edges edgeStart[s] .. edgeStart[s + 1] of `edges`, {@link FLAT_WORDS} words each. */
export class FlatDfa {
  readonly edgeStart: Int32Array;
  readonly edges: Int32Array;
  readonly accept: Uint8Array;
  #sketch: number | undefined;
  #hash: number | undefined;

  constructor(edgeStart: Int32Array, edges: Int32Array, accept: Uint8Array) {
    this.edgeStart = edgeStart;
    this.edges = edges;
    this.accept = accept;
  }

  /** Equal for automata that are equal field by field, and mostly different for others: of some of the edges' words. */
  get sketch(): number {
    this.#sketch ??= sketchOf(this.accept.length, this.edges);
    return this.#sketch;
  }

  /** The same of all words: what tells automata apart whose sketches are equal. */
  get hash(): number {
    this.#hash ??= hashWords(hashWords(this.accept.length, this.accept), this.edges);
    return this.#hash;
  }
}

function hashWords(seed: number, words: ArrayLike<number>): number {
  let hash = seed;
  for (let i = 0; i < words.length; i++) hash = mixed(hash, words[i]);
  return hash;
}

function mixed(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x85ebca6b);
}

/** Words that a sketch looks at. */
const SKETCHED = 32;

function sketchOf(seed: number, words: Int32Array): number {
  const { length } = words;
  let hash = Math.imul(seed, 0x9e3779b1) ^ length;
  let step = Math.max(1, Math.floor(length / SKETCHED));
  // Bounds and targets alike.
  if (step > 1 && step % FLAT_WORDS === 0) step++;
  for (let i = 0; i < length; i += step) hash = mixed(hash, words[i]);
  return hash;
}

/** A flat automaton as a Dfa. */
export function dfaOf(flat: FlatDfa): Dfa {
  return new LazyDfa(flat);
}

class LazyDfa extends NotedDfa implements Dfa {
  readonly accept: Uint8Array;
  /** A field for all to see: who compares two automata field by field compares their edges. */
  readonly flat: FlatDfa;
  #edges: readonly (readonly DfaEdge[])[] | undefined;

  constructor(flat: FlatDfa) {
    super();
    this.accept = flat.accept;
    this.flat = flat;
  }

  get edges(): readonly (readonly DfaEdge[])[] {
    this.#edges ??= listed(this.flat);
    return this.#edges;
  }
}

function listed({ edgeStart, edges, accept }: FlatDfa): DfaEdge[][] {
  const lists: DfaEdge[][] = [];
  for (let state = 0; state < accept.length; state++) {
    const list: DfaEdge[] = [];
    const end = edgeStart[state + 1] * FLAT_WORDS;
    for (let at = edgeStart[state] * FLAT_WORDS; at < end; at += FLAT_WORDS)
      list.push({ lo: edges[at], hi: edges[at + 1], to: edges[at + 2] });
    lists.push(list);
  }
  return lists;
}

/** A Dfa whose flat form is made when somebody asks for it. */
export function laterDfa(accept: Uint8Array, make: () => FlatDfa): Dfa {
  return new LaterDfa(accept, make);
}

class LaterDfa extends NotedDfa implements Dfa {
  readonly accept: Uint8Array;
  readonly #make: () => FlatDfa;
  #made: LazyDfa | undefined;

  constructor(accept: Uint8Array, make: () => FlatDfa) {
    super();
    this.accept = accept;
    this.#make = make;
  }

  get flat(): FlatDfa {
    return this.#dfa.flat;
  }

  get edges(): readonly (readonly DfaEdge[])[] {
    return this.#dfa.edges;
  }

  get #dfa(): LazyDfa {
    this.#made ??= new LazyDfa(this.#make());
    return this.#made;
  }
}

const flattened = noted(flatten);

/** The flat form of a Dfa, made once. */
export function flatOf(dfa: Dfa): FlatDfa {
  return dfa instanceof LazyDfa || dfa instanceof LaterDfa ? dfa.flat : flattened(dfa);
}

/** An automaton given by lists of edges, in flat form. */
export function flatten({
  edges: lists,
  accept,
}: {
  readonly edges: readonly (readonly DfaEdge[])[];
  readonly accept: ArrayLike<number>;
}): FlatDfa {
  const edgeStart = new Int32Array(lists.length + 1);
  let count = 0;
  for (let state = 0; state < lists.length; state++) {
    count += lists[state].length;
    edgeStart[state + 1] = count;
  }
  const edges = new Int32Array(count * FLAT_WORDS);
  const accepts = new Uint8Array(lists.length);
  let at = 0;
  for (let state = 0; state < lists.length; state++) {
    accepts[state] = accept[state] ? 1 : 0;
    for (const { lo, hi, to } of lists[state]) {
      edges[at] = lo;
      edges[at + 1] = hi;
      edges[at + 2] = to;
      at += FLAT_WORDS;
    }
  }
  return new FlatDfa(edgeStart, edges, accepts);
}

/** Words that a builder keeps from one automaton to the next. */
const MAX_KEPT = 1 << 18;

/** Collects the edges of one state after the other. */
export class FlatBuilder {
  #edges: Int32Array;
  #edgeStart: Int32Array;
  #words = 0;
  #states = 0;

  /** `states`, `edges`: how many are expected; there may be more. */
  constructor(states = 16, edges = 64) {
    this.#edges = new Int32Array(edges * FLAT_WORDS);
    this.#edgeStart = new Int32Array(states + 1);
  }

  get stateCount(): number {
    return this.#states;
  }

  /** Adds an edge to the state that is open; one that continues the edge before it makes that longer. */
  edge(lo: number, hi: number, to: number): void {
    const edges = this.#edges;
    const last = this.#words - FLAT_WORDS;
    const open = this.#edgeStart[this.#states] * FLAT_WORDS;
    if (last >= open && edges[last + 2] === to && edges[last + 1] + 1 === lo) {
      edges[last + 1] = hi;
      return;
    }
    if (this.#words + FLAT_WORDS > edges.length) this.#edges = grown(edges);
    const at = this.#words;
    this.#edges[at] = lo;
    this.#edges[at + 1] = hi;
    this.#edges[at + 2] = to;
    this.#words = at + FLAT_WORDS;
  }

  /** Adds states: those of another automaton, each of whose edges leads to the state `targets` says. */
  append({ edgeStart, edges, accept }: FlatDfa, targets: ArrayLike<number>): void {
    for (let state = 0; state < accept.length; state++) {
      const end = edgeStart[state + 1] * FLAT_WORDS;
      for (let at = edgeStart[state] * FLAT_WORDS; at < end; at += FLAT_WORDS)
        this.edge(edges[at], edges[at + 1], targets[edges[at + 2]]);
      this.close();
    }
  }

  /** The open state is complete; the next one is open. */
  close(): void {
    this.#states++;
    if (this.#states >= this.#edgeStart.length) this.#edgeStart = grown(this.#edgeStart);
    this.#edgeStart[this.#states] = this.#words / FLAT_WORDS;
  }

  /** Begins again, for another automaton. */
  clear(): this {
    this.#words = 0;
    this.#states = 0;
    if (this.#edges.length > MAX_KEPT) this.#edges = new Int32Array(16);
    return this;
  }

  /** The automaton in the builder's own memory: to be read before the builder is used again. */
  view(accept: Uint8Array): FlatDfa {
    return new FlatDfa(this.#edgeStart, this.#edges.subarray(0, this.#words), accept);
  }

  /** One piece of memory for both lists: taking it costs more than filling it. */
  finish(accept: Uint8Array): FlatDfa {
    const starts = this.#states + 1;
    const words = new Int32Array(starts + this.#words);
    words.set(this.#edgeStart.subarray(0, starts));
    words.set(this.#edges.subarray(0, this.#words), starts);
    return new FlatDfa(words.subarray(0, starts), words.subarray(starts), accept);
  }
}

/** A copy of at least twice the length. */
export function grown(array: Int32Array, length = 0): Int32Array {
  const larger = new Int32Array(Math.max(2 * array.length, length, 16));
  larger.set(array);
  return larger;
}

/** Whether two automata are equal field by field; canonical ones then have one language. */
export function sameFlat(a: FlatDfa, b: FlatDfa): boolean {
  return (
    a === b ||
    (a.accept.length === b.accept.length &&
      a.edges.length === b.edges.length &&
      a.sketch === b.sketch &&
      a.hash === b.hash &&
      sameWords(a.edgeStart, b.edgeStart) &&
      sameWords(a.edges, b.edges) &&
      sameWords(a.accept, b.accept))
  );
}

function sameWords(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
