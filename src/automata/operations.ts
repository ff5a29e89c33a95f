// The algebra of regular languages over DFAs. Every result is in canonical form, so equality is equality of fields.
import { type AlikeBeside, alikeBeside } from './alike-beside.js';
import type { Dfa } from './dfa.js';
import { dfaOf, FLAT_WORDS, FlatBuilder, FlatDfa, flatOf, flatten } from './flat.js';
import type { Intervals } from './intervals.js';
import { type AutomatonLimits, checkStates } from './limits.js';
import { minimize, minimizeFlat, NO_LANGUAGE, renumberFlat } from './minimize.js';
import { NfaBuilder } from './nfa.js';

/** The language of the empty string alone. */
export const EMPTY_STRING: Dfa = dfaOf(flatten({ edges: [[]], accept: [1] }));

/** Exactly one symbol of the set. */
export function symbolsDfa(set: Intervals): Dfa {
  if (set.length === 0) return NO_LANGUAGE;
  const edges = new Int32Array(set.length * FLAT_WORDS);
  for (let i = 0; i < set.length; i++) {
    edges[i * FLAT_WORDS] = set[i][0];
    edges[i * FLAT_WORDS + 1] = set[i][1];
    edges[i * FLAT_WORDS + 2] = 1;
  }
  return dfaOf(new FlatDfa(Int32Array.of(0, set.length, set.length), edges, Uint8Array.of(0, 1)));
}

/** For one word after the other. */
const literalBuilder = new FlatBuilder();

/** Exactly this word. */
export function literalDfa(symbols: Iterable<number>): Dfa {
  const builder = literalBuilder.clear();
  let length = 0;
  for (const symbol of symbols) {
    builder.edge(symbol, symbol, ++length);
    builder.close();
  }
  builder.close();
  const accept = new Uint8Array(length + 1);
  accept[length] = 1;
  return dfaOf(builder.finish(accept));
}

/** @throws LimitError `maxStates` */
export function unionDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  return product(a, b, EITHER, limits);
}

/** The words of any of them: small ones are united first. @throws LimitError `maxStates` */
export function unionOfAll(languages: readonly Dfa[], limits?: AutomatonLimits): Dfa {
  let rest = [...languages];
  while (rest.length > 1) {
    rest.sort((a, b) => a.accept.length - b.accept.length);
    const pairs: Dfa[] = [];
    for (let at = 0; at < rest.length; at += 2)
      pairs.push(at + 1 < rest.length ? unionDfa(rest[at], rest[at + 1], limits) : rest[at]);
    rest = pairs;
  }
  return rest[0] ?? NO_LANGUAGE;
}

/** @throws LimitError `maxStates` */
export function intersectDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  const [large, small] = a.accept.length < b.accept.length ? [b, a] : [a, b];
  return product(large, small, BOTH, limits);
}

/** What `a` accepts and `b` does not. @throws LimitError `maxStates` */
export function differenceDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  return product(a, b, LEFT_ONLY, limits);
}

/**
 * All words over 0..maxSymbol that `a`, in canonical form, does not accept. With a state for the words that `a` refuses for
 * good its states all differ, and so do they when accepting and refusing ones change places: nothing is left to minimise.
 * @throws LimitError `maxStates`
 */
export function complementDfa(a: Dfa, maxSymbol: number, limits?: AutomatonLimits): Dfa {
  const { edgeStart, edges, accept } = flatOf(a);
  const isEmpty = edges.length === 0 && accept[0] === 0;
  const refused = isEmpty ? 0 : accept.length;
  checkStates(refused + 1, limits);
  const builder = productBuilder.clear();
  const complement = new Uint8Array(refused + 1).fill(1);
  for (let state = 0; state < refused; state++) {
    complement[state] = 1 - accept[state];
    let next = 0;
    for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS) {
      if (edges[at] > next) builder.edge(next, edges[at] - 1, refused);
      builder.edge(edges[at], edges[at + 1], edges[at + 2]);
      next = edges[at + 1] + 1;
    }
    if (next <= maxSymbol) builder.edge(next, maxSymbol, refused);
    builder.close();
  }
  builder.edge(0, maxSymbol, refused);
  builder.close();
  return renumberFlat(builder.view(complement));
}

/** A word of `a` and then one of `b`. @throws LimitError `maxStates`, `maxSubsetSteps` */
export function concatDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  const nfa = new NfaBuilder();
  const first = nfa.embed(a);
  const second = nfa.embed(b);
  for (const state of first.accepting) nfa.epsilon(state, second.start);
  return nfa.toDfa(first.start, second.accepting, limits);
}

/** Any number of words of `a`. @throws LimitError `maxStates`, `maxSubsetSteps` */
export function starDfa(a: Dfa, limits?: AutomatonLimits): Dfa {
  return repeatDfa(a, 0, Number.POSITIVE_INFINITY, limits);
}

/** Between `min` and `max` words of `a`; `max` may be Infinity. @throws LimitError `maxStates`, `maxSubsetSteps` */
export function repeatDfa(a: Dfa, min: number, max: number, limits?: AutomatonLimits): Dfa {
  if (max < min) return NO_LANGUAGE;
  if (a.accept[0]) return repeatDfa(withoutEmpty(a), 0, max, limits); // empty turns fill any minimum
  if (a.edges[0].length === 0) return min === 0 ? EMPTY_STRING : NO_LANGUAGE;
  const unbounded = max === Number.POSITIVE_INFINITY;
  const copies = unbounded ? min + 1 : max;
  checkStates(copies * a.accept.length, limits);
  const nfa = new NfaBuilder();
  const start = nfa.state();
  const accepting: number[] = min === 0 ? [start] : [];
  let ends = [start];
  for (let copy = 1; copy <= copies; copy++) {
    const part = nfa.embed(a);
    for (const end of ends) nfa.epsilon(end, part.start);
    if (copy >= min) accepting.push(...part.accepting);
    ends = part.accepting;
    if (unbounded && copy === copies) for (const end of ends) nfa.epsilon(end, part.start);
  }
  return nfa.toDfa(start, accepting, limits);
}

/** The language without the empty string. */
export function withoutEmpty(a: Dfa): Dfa {
  return a.accept[0] ? differenceDfa(a, EMPTY_STRING, { maxStates: a.accept.length + 1 }) : a;
}

/** The words of `a` that no shorter word of `a` begins: what is read by one who stops as soon as they may. */
export function shortestMatches(a: Dfa): Dfa {
  return minimize({ edges: a.edges.map((list, s) => (a.accept[s] ? [] : list)), accept: a.accept });
}

/** Which words a product takes: bits of those that both sides take, only the left one, and only the right one. */
const BOTH = 1;
const LEFT_ONLY = 2;
const EITHER = 7;

/** The product automaton. A pair goes on with one side alone where words of that side are taken. */
function product(left: Dfa, right: Dfa, taken: number, limits: AutomatonLimits | undefined): Dfa {
  const a = flatOf(left);
  const b = flatOf(right);
  const pairs = new Pairs(a, b, (taken & 4) !== 0, limits);
  const builder = productBuilder.clear();
  pairs.find(0, 0);
  for (let at = 0; at < pairs.count; at++) {
    alongBoth(a, pairs.left[at], b, pairs.right[at], taken, pairs, builder);
    builder.close();
  }
  const accept = new Uint8Array(pairs.count);
  for (let at = 0; at < pairs.count; at++) {
    const x = pairs.left[at];
    const y = pairs.right[at];
    const inLeft = x >= 0 && a.accept[x] === 1;
    const inRight = y >= 0 && b.accept[y] === 1;
    const bit = inLeft ? (inRight ? 1 : 2) : inRight ? 4 : 0;
    accept[at] = (taken & bit) !== 0 ? 1 : 0;
  }
  return minimizeFlat(builder.view(accept));
}

/** For one product after the other. */
const productBuilder = new FlatBuilder();

/** From so many pairs on, those are looked for that come to the same, unless the right side has more states. */
const MANY_PAIRS = 1024;
const FEW_STATES = 64;

/** Pairs of states, -1 for a side that is dead, numbered as they are met. */
class Pairs {
  readonly left: number[] = [];
  readonly right: number[] = [];
  readonly #known = new Map<number, number>();
  readonly #a: FlatDfa;
  readonly #b: FlatDfa;
  /** At how many pairs {@link alikeBeside} is asked. */
  readonly #many: number;
  #alike: AlikeBeside | undefined;
  readonly #limits: AutomatonLimits | undefined;

  /** `keepsRight`: a pair may go on with the right side alone. */
  constructor(a: FlatDfa, b: FlatDfa, keepsRight: boolean, limits: AutomatonLimits | undefined) {
    this.#a = a;
    this.#b = b;
    this.#many = keepsRight || b.accept.length > FEW_STATES ? Number.POSITIVE_INFINITY : MANY_PAIRS;
    this.#limits = limits;
  }

  get count(): number {
    return this.left.length;
  }

  find(x: number, right: number): number {
    const alike = this.#alike;
    const y = alike && right >= 0 ? alike.firsts[alike.ahead[x]][right] : right;
    const key = (x + 1) * (this.#b.accept.length + 1) + y + 1;
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.left.push(x) - 1;
      this.right.push(y);
      this.#known.set(key, id);
      checkStates(id + 1, this.#limits);
      if (id === this.#many) this.#alike = alikeBeside(this.#a, this.#b);
    }
    return id;
  }
}

/** Adds the edges of the pair (x, y): one for each interval on which both sides are constant. */
function alongBoth(
  a: FlatDfa,
  x: number,
  b: FlatDfa,
  y: number,
  taken: number,
  pairs: Pairs,
  builder: FlatBuilder,
): void {
  let i = x < 0 ? 0 : a.edgeStart[x] * FLAT_WORDS;
  let j = y < 0 ? 0 : b.edgeStart[y] * FLAT_WORDS;
  const endI = x < 0 ? 0 : a.edgeStart[x + 1] * FLAT_WORDS;
  const endJ = y < 0 ? 0 : b.edgeStart[y + 1] * FLAT_WORDS;
  const keepLeft = (taken & 2) !== 0;
  const keepRight = (taken & 4) !== 0;
  let at = 0;
  while (i < endI || j < endJ) {
    const inX = i < endI && a.edges[i] <= at;
    const inY = j < endJ && b.edges[j] <= at;
    const hiX = i >= endI ? BEYOND : inX ? a.edges[i + 1] : a.edges[i] - 1;
    const hiY = j >= endJ ? BEYOND : inY ? b.edges[j + 1] : b.edges[j] - 1;
    const hi = hiX < hiY ? hiX : hiY;
    if (hi >= at && ((inX && inY) || (inX && keepLeft) || (inY && keepRight)))
      builder.edge(at, hi, pairs.find(inX ? a.edges[i + 2] : -1, inY ? b.edges[j + 2] : -1));
    at = hi + 1;
    if (inX && hiX < at) i += FLAT_WORDS;
    if (inY && hiY < at) j += FLAT_WORDS;
  }
}

/** Above every symbol. */
const BEYOND = 0x7fffffff;
