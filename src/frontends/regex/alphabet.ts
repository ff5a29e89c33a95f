// The few classes of code points that a pattern tells apart. Automata are built and minimised over class numbers and
// spread out to code points at the end, so a class as wide as \p{L} costs as much as a single letter.
import {
  type AutomatonLimits,
  ascending,
  DEFAULT_MAX_STATES,
  type Dfa,
  dfaOf,
  FLAT_WORDS,
  FlatBuilder,
  flatOf,
  type Intervals,
  MAX_CODE_POINT,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';

/** Pieces that all sets together may have for each state allowed. */
const PIECES_PER_STATE = 100;

/** For one automaton after the other. */
const spreadBuilder = new FlatBuilder();

/** A partition of all code points; class numbers ascend with the smallest member of each class. */
export class Alphabet {
  /** By class: the pieces (stretches of code points that no set tells apart) that are in it. */
  readonly #pieces: readonly (readonly number[])[];
  /** Where pieces begin; one more for the end. */
  readonly #starts: Int32Array;
  /** By piece, while a state's edges are spread. */
  readonly #targets: Int32Array;
  readonly #classesOf: ReadonlyMap<Intervals, readonly number[]>;

  /**
   * The coarsest partition in which every one of the sets is a union of classes.
   * @throws LimitError `maxStates`
   */
  constructor(sets: Iterable<Intervals>, limits?: AutomatonLimits) {
    const { distinct, same } = withoutCopies(sets);
    const starts = cutPoints(distinct);
    const maxStates = limits?.maxStates ?? DEFAULT_MAX_STATES;
    let budget = maxStates * PIECES_PER_STATE;
    const covered: number[][] = [];
    for (const set of distinct) {
      const indices = piecesOf(set, starts);
      budget -= indices.length;
      if (budget < 0)
        throw new LimitError('maxStates', maxStates, 'a regular expression tells too many characters apart');
      covered.push(indices);
    }
    const classOf = refine(starts.length, covered);
    const pieces: number[][] = [];
    for (let i = 0; i < starts.length; i++) {
      const own = pieces[classOf[i]];
      if (own) own.push(i);
      else pieces[classOf[i]] = [i];
    }
    this.#pieces = pieces;
    this.#starts = Int32Array.from([...starts, MAX_CODE_POINT + 1]);
    this.#targets = new Int32Array(starts.length);
    const classes: number[][] = [];
    for (const indices of covered) classes.push(classesAmong(indices, classOf));
    const classesOf = new Map<Intervals, readonly number[]>();
    for (const [set, index] of same) classesOf.set(set, classes[index]);
    this.#classesOf = classesOf;
  }

  /** The number of classes. */
  get size(): number {
    return this.#pieces.length;
  }

  /** The classes that make up one of the sets that the alphabet was made from (the same object). */
  classesOf(set: Intervals): readonly number[] {
    return this.#classesOf.get(set) ?? [];
  }

  /** A canonical automaton over classes as the canonical automaton over code points. */
  spread(dfa: Dfa): Dfa {
    const { edgeStart, edges, accept } = flatOf(dfa);
    const builder = spreadBuilder.clear();
    const loose: number[] = [];
    for (let state = 0; state < accept.length; state++) {
      loose.length = 0;
      for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS)
        for (let cls = edges[at]; cls <= edges[at + 1]; cls++)
          for (const piece of this.#pieces[cls]) {
            this.#targets[piece] = edges[at + 2];
            loose.push(piece);
          }
      if (!isAscending(loose)) loose.sort(ascending);
      for (const piece of loose)
        builder.edge(this.#starts[piece], this.#starts[piece + 1] - 1, this.#targets[piece]);
      builder.close();
    }
    return dfaOf(builder.finish(accept));
  }
}

function isAscending(numbers: readonly number[]): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i] < numbers[i - 1]) return false;
  return true;
}

/** Each set's number among those that differ. */
function withoutCopies(sets: Iterable<Intervals>): { distinct: Intervals[]; same: Map<Intervals, number> } {
  const byContent = new Map<string, number>();
  const distinct: Intervals[] = [];
  const same = new Map<Intervals, number>();
  for (const set of sets) {
    if (same.has(set)) continue;
    const content = set.join(';');
    const index = byContent.get(content) ?? distinct.push(set) - 1;
    byContent.set(content, index);
    same.set(set, index);
  }
  return { distinct, same };
}

/** Where some set begins, or has just ended: between two such points all code points are alike. */
function cutPoints(sets: readonly Intervals[]): number[] {
  const cuts = new Set([0]);
  for (const set of sets)
    for (const [lo, hi] of set) {
      cuts.add(lo);
      if (hi < MAX_CODE_POINT) cuts.add(hi + 1);
    }
  return [...cuts].sort(ascending);
}

/** The pieces that make up the set. */
function piecesOf(set: Intervals, starts: readonly number[]): number[] {
  const result: number[] = [];
  for (const [lo, hi] of set)
    for (let i = indexOf(starts, lo); i < starts.length && starts[i] <= hi; i++) result.push(i);
  return result;
}

function indexOf(sorted: readonly number[], value: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The classes that some pieces are in. */
function classesAmong(indices: readonly number[], classOf: Int32Array): number[] {
  const classes = new Set<number>();
  for (const index of indices) classes.add(classOf[index]);
  return [...classes].sort(ascending);
}

/** Splits the pieces by each set in turn; returns each piece's class, numbered by first appearance. */
function refine(count: number, sets: readonly (readonly number[])[]): Int32Array {
  const label = new Int32Array(count);
  let labels = 1;
  for (const set of sets) {
    const renamed = new Map<number, number>();
    for (const piece of set) {
      let to = renamed.get(label[piece]);
      if (to === undefined) {
        to = labels++;
        renamed.set(label[piece], to);
      }
      label[piece] = to;
    }
  }
  const order = new Int32Array(labels).fill(-1);
  let size = 0;
  for (let piece = 0; piece < count; piece++) {
    const old = label[piece];
    if (order[old] < 0) order[old] = size++;
    label[piece] = order[old];
  }
  return label;
}
