// From UTF-8 back to code points: the inverse of utf8Dfa, for questions that count characters.
import type { Dfa, DfaEdge } from './dfa.js';
import { minimize } from './minimize.js';

/** Edges as [lo, hi, target]. */
type Run = readonly [lo: number, hi: number, to: number];

/** Lead bytes by the number of bytes that follow: their range, and what they stand for before those are read. */
const LEADS = [
  { lo: 0x00, hi: 0x7f, following: 0 },
  { lo: 0xc2, hi: 0xdf, following: 1, base: 0xc0 },
  { lo: 0xe0, hi: 0xef, following: 2, base: 0xe0 },
  { lo: 0xf0, hi: 0xf4, following: 3, base: 0xf0 },
];

/** The words whose UTF-8 spelling `bytes` accepts, over code points. Byte strings that spell none are left out. */
export function codePointsDfa(bytes: Dfa): Dfa {
  const known = new Map<number, readonly Run[]>();
  /** The runs of `digits` continuation bytes from a state, as digits to the base 64. */
  const following = (state: number, digits: number): readonly Run[] => {
    if (digits === 0) return [[0, 0, state]];
    const key = state * 4 + digits;
    const runs = known.get(key) ?? mergeRuns(digitRuns(bytes.edges[state], 0x80, 0xbf, 0x80, digits));
    known.set(key, runs);
    return runs;
  };
  const digitRuns = (edges: readonly DfaEdge[], from: number, end: number, base: number, digits: number) => {
    const span = 64 ** (digits - 1);
    const runs: Run[] = [];
    for (const { lo, hi, to } of edges)
      for (let byte = Math.max(lo, from); byte <= Math.min(hi, end); byte++)
        for (const [first, last, target] of following(to, digits - 1))
          runs.push([(byte - base) * span + first, (byte - base) * span + last, target]);
    return runs;
  };
  const edges = bytes.edges.map((list) =>
    mergeRuns(
      LEADS.flatMap(({ lo, hi, following: rest, base = 0 }) => digitRuns(list, lo, hi, base, rest + 1)),
    ).map(([lo, hi, to]) => ({ lo, hi, to })),
  );
  return minimize({ edges, accept: bytes.accept });
}

/** Runs sorted, those that touch and lead to one state made one. */
function mergeRuns(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const [lo, hi, to] of runs.toSorted((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (last && last[2] === to && last[1] + 1 === lo) result[result.length - 1] = [last[0], hi, to];
    else result.push([lo, hi, to]);
  }
  return result;
}
