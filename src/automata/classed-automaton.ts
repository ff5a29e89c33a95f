// Automata over code points whose symbols are put into classes: what checks of texts read decoded texts with.
// Natively native/grammar/classed_automaton.cc.

/** State 0 is the start. */
export interface ClassedAutomaton {
  /** Disjoint and ascending: first and last code point, class. */
  readonly intervals: readonly (readonly [first: number, last: number, symbolClass: number])[];
  readonly classCount: number;
  readonly accept: Uint8Array;
  /** next[state * classCount + class]; -1: refused. */
  readonly next: Int32Array;
}

/** The state after one more symbol; -1: refused. */
export function stepClassed(
  { intervals, classCount, next }: ClassedAutomaton,
  state: number,
  symbol: number,
): number {
  const interval = intervals[intervalFrom(intervals, symbol)];
  return state >= 0 && interval && interval[0] <= symbol ? next[state * classCount + interval[2]] : -1;
}

/** The state after all symbols; -1: refused. */
export function runClassed(automaton: ClassedAutomaton, symbols: readonly number[]): number {
  return symbols.reduce((state, symbol) => stepClassed(automaton, state, symbol), 0);
}

/** The first interval that does not end below a symbol, by bisection. */
export function intervalFrom(intervals: ClassedAutomaton['intervals'], symbol: number): number {
  let low = 0;
  for (let high = intervals.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (intervals[middle][1] < symbol) low = middle + 1;
    else high = middle;
  }
  return low;
}

const shortest = new WeakMap<ClassedAutomaton, Int32Array>();

/**
 * For each state the first code point of a shortest word to acceptance: of the words as short, the one by the lowest class,
 * and of a class its first code point. -1 where the state accepts, or nothing leads to acceptance.
 */
export function shortestEnds(automaton: ClassedAutomaton): Int32Array {
  let ends = shortest.get(automaton);
  if (!ends) {
    ends = findEnds(automaton);
    shortest.set(automaton, ends);
  }
  return ends;
}

function findEnds({ intervals, classCount, next, accept }: ClassedAutomaton): Int32Array {
  const ends = new Int32Array(accept.length).fill(-1);
  const reached = Uint8Array.from(accept);
  const symbols = Array.from({ length: classCount }, (_, found) =>
    intervals.find(([, , symbolClass]) => symbolClass === found),
  );
  for (let grows = true; grows; ) {
    const before = reached.slice();
    grows = false;
    for (let state = 0; state < accept.length; state++) {
      if (before[state] === 1) continue;
      const found = symbols.findIndex((symbol, index) => {
        const to = next[state * classCount + index];
        return symbol !== undefined && to >= 0 && before[to] === 1;
      });
      if (found < 0) continue;
      ends[state] = symbols[found]![0];
      reached[state] = 1;
      grows = true;
    }
  }
  return ends;
}
