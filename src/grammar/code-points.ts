// A byte automaton read as text: the states between characters, and the characters that lead from one to the next.
// For people only; the automaton itself stays over bytes.
import { type Dfa, type Intervals, normalizeIntervals } from '../automata/index.js';

/** Characters that lead to one state. */
export interface CharacterEdge {
  readonly characters: Intervals;
  readonly to: number;
}

/** The part of an automaton that stands between whole characters; state 0 starts. */
export interface CharacterDfa {
  readonly edges: readonly (readonly CharacterEdge[])[];
  readonly accept: readonly boolean[];
}

/** Most pieces of sequences of bytes that are looked at. */
const MAX_PIECES = 20_000;

/** Undefined where the words are not UTF-8 throughout, or the characters are too scattered to be told. */
export function characterDfa(dfa: Dfa): CharacterDfa | undefined {
  const reader = new Reader(dfa);
  const ids = new Map<number, number>([[0, 0]]);
  const order = [0];
  const edges: CharacterEdge[][] = [];
  for (let at = 0; at < order.length; at++) {
    const byTarget = reader.charactersFrom(order[at]);
    if (!byTarget) return undefined;
    edges.push(
      [...byTarget].map(([target, ranges]) => {
        let to = ids.get(target);
        if (to === undefined) ids.set(target, (to = order.push(target) - 1));
        return { characters: normalizeIntervals(ranges), to };
      }),
    );
  }
  return { edges, accept: order.map((state) => dfa.accept[state] === 1) };
}

type Range = [number, number];
type Targets = Map<number, Range[]>;

class Reader {
  readonly #dfa: Dfa;
  readonly #tails = new Map<string, Targets | undefined>();
  #pieces = 0;

  constructor(dfa: Dfa) {
    this.#dfa = dfa;
  }

  charactersFrom(state: number): Targets | undefined {
    const found: Targets = new Map();
    for (const { lo, hi, to } of this.#dfa.edges[state]) {
      if (lo < 0x80) add(found, to, [lo, Math.min(hi, 0x7f)]);
      for (let lead = Math.max(lo, 0x80); lead <= hi; lead++) {
        const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
        const tail = more === 0 ? undefined : this.#tail(to, more);
        if (!tail || !this.#shift(tail, (lead & (0x3f >> more)) << (6 * more), found)) return undefined;
      }
    }
    return found;
  }

  /** What `more` continuation bytes lead to, their bits as numbers from 0. */
  #tail(state: number, more: number): Targets | undefined {
    const key = `${state},${more}`;
    if (!this.#tails.has(key)) this.#tails.set(key, this.#read(state, more));
    return this.#tails.get(key);
  }

  #read(state: number, more: number): Targets | undefined {
    if (this.#dfa.accept[state]) return undefined; // a word that ends inside a character
    const found: Targets = new Map();
    for (const { lo, hi, to } of this.#dfa.edges[state]) {
      if (lo < 0x80 || hi > 0xbf) return undefined;
      if (more === 1) add(found, to, [lo & 0x3f, hi & 0x3f]);
      else {
        const tail = this.#tail(to, more - 1);
        for (let byte = lo & 0x3f; byte <= (hi & 0x3f); byte++)
          if (!tail || !this.#shift(tail, byte << (6 * (more - 1)), found)) return undefined;
      }
    }
    for (const [to, ranges] of found)
      found.set(
        to,
        normalizeIntervals(ranges).map(([lo, hi]) => [lo, hi]),
      );
    return found;
  }

  #shift(tail: Targets, by: number, into: Targets): boolean {
    for (const [to, ranges] of tail)
      for (const [lo, hi] of ranges) {
        add(into, to, [lo + by, hi + by]);
        if (++this.#pieces > MAX_PIECES) return false;
      }
    return true;
  }
}

function add(found: Targets, to: number, range: Range): void {
  const ranges = found.get(to);
  if (ranges) ranges.push(range);
  else found.set(to, [range]);
}
