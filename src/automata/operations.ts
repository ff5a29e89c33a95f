// The algebra of regular languages over DFAs. Every result is in canonical form, so equality is equality of fields.
import type { Dfa, DfaEdge } from './dfa.js';
import type { Intervals } from './intervals.js';
import { type AutomatonLimits, checkStates } from './limits.js';
import { minimize, NO_LANGUAGE } from './minimize.js';
import { NfaBuilder } from './nfa.js';

/** The language of the empty string alone. */
export const EMPTY_STRING: Dfa = { edges: [[]], accept: Uint8Array.of(1) };

/** Exactly one symbol of the set. */
export function symbolsDfa(set: Intervals): Dfa {
  if (set.length === 0) return NO_LANGUAGE;
  return { edges: [set.map(([lo, hi]) => ({ lo, hi, to: 1 })), []], accept: Uint8Array.of(0, 1) };
}

/** Exactly this word. */
export function literalDfa(symbols: Iterable<number>): Dfa {
  const word = [...symbols];
  const edges: DfaEdge[][] = word.map((symbol, i) => [{ lo: symbol, hi: symbol, to: i + 1 }]);
  edges.push([]);
  return { edges, accept: Uint8Array.from(edges, (_, i) => (i === word.length ? 1 : 0)) };
}

/** @throws LimitError `maxStates` */
export function unionDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  return product(a, b, (x, y) => x || y, { left: true, right: true }, limits);
}

/** @throws LimitError `maxStates` */
export function intersectDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  return product(a, b, (x, y) => x && y, { left: false, right: false }, limits);
}

/** What `a` accepts and `b` does not. @throws LimitError `maxStates` */
export function differenceDfa(a: Dfa, b: Dfa, limits?: AutomatonLimits): Dfa {
  return product(a, b, (x, y) => x && !y, { left: true, right: false }, limits);
}

/** All words over 0..maxSymbol that `a` does not accept. @throws LimitError `maxStates` */
export function complementDfa(a: Dfa, maxSymbol: number, limits?: AutomatonLimits): Dfa {
  const all: Dfa = { edges: [[{ lo: 0, hi: maxSymbol, to: 0 }]], accept: Uint8Array.of(1) };
  return differenceDfa(all, a, limits);
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
  checkStates(copies * a.edges.length, limits);
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
  return a.accept[0] ? differenceDfa(a, EMPTY_STRING, { maxStates: a.edges.length + 1 }) : a;
}

/** The words of `a` that no shorter word of `a` begins: what is read by one who stops as soon as they may. */
export function shortestMatches(a: Dfa): Dfa {
  return minimize({ edges: a.edges.map((list, s) => (a.accept[s] ? [] : list)), accept: a.accept });
}

/**
 * The product automaton. `keep` says whether a pair may go on with only one side alive.
 */
function product(
  a: Dfa,
  b: Dfa,
  accepts: (a: boolean, b: boolean) => boolean,
  keep: { readonly left: boolean; readonly right: boolean },
  limits: AutomatonLimits | undefined,
): Dfa {
  const width = b.edges.length + 1;
  const known = new Map<number, number>();
  const pairs: [number, number][] = [];
  const find = (x: number, y: number): number => {
    const key = (x + 1) * width + y + 1;
    let id = known.get(key);
    if (id === undefined) {
      id = pairs.push([x, y]) - 1;
      known.set(key, id);
      checkStates(pairs.length, limits);
    }
    return id;
  };
  find(0, 0);
  const edges: DfaEdge[][] = [];
  for (let at = 0; at < pairs.length; at++) {
    const [x, y] = pairs[at];
    const list: DfaEdge[] = [];
    alongBoth(x < 0 ? [] : a.edges[x], y < 0 ? [] : b.edges[y], (lo, hi, toX, toY) => {
      if ((toX >= 0 && toY >= 0) || (toX >= 0 && keep.left) || (toY >= 0 && keep.right))
        list.push({ lo, hi, to: find(toX, toY) });
    });
    edges.push(list);
  }
  const accept = pairs.map(([x, y]) =>
    accepts(x >= 0 && a.accept[x] === 1, y >= 0 && b.accept[y] === 1) ? 1 : 0,
  );
  return minimize({ edges, accept });
}

/** Calls `visit` for each interval on which both edge lists are constant; -1 stands for no edge. */
function alongBoth(
  a: readonly DfaEdge[],
  b: readonly DfaEdge[],
  visit: (lo: number, hi: number, toA: number, toB: number) => void,
): void {
  let i = 0;
  let j = 0;
  let at = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    const inX = x !== undefined && x.lo <= at;
    const inY = y !== undefined && y.lo <= at;
    const ends = [x && (inX ? x.hi : x.lo - 1), y && (inY ? y.hi : y.lo - 1)].filter(
      (end) => end !== undefined,
    );
    const hi = Math.min(...ends);
    if (hi >= at && (inX || inY)) visit(at, hi, inX ? x.to : -1, inY ? y.to : -1);
    at = hi + 1;
    if (inX && x.hi < at) i++;
    if (inY && y.hi < at) j++;
  }
}
