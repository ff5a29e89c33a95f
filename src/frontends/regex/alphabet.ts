// The few classes of code points that a pattern tells apart. Automata are built and minimised over class numbers and
// spread out to code points at the end, so a class as wide as \p{L} costs as much as a single letter.
import { type Dfa, type DfaEdge, type Intervals, MAX_CODE_POINT } from '../../automata/index.js';

/** A partition of all code points; class numbers ascend with the smallest member of each class. */
export class Alphabet {
  /** The partition as sorted, adjoining intervals, each with its class. */
  readonly #pieces: { readonly lo: number; readonly hi: number; readonly cls: number }[] = [];
  readonly #classesOf: ReadonlyMap<Intervals, readonly number[]>;
  readonly size: number;

  /** The coarsest partition in which every one of the sets is a union of classes. */
  constructor(sets: Iterable<Intervals>) {
    const indexOf = new Map<string, number>();
    const distinct: Intervals[] = [];
    const numbered = new Map<Intervals, number>();
    for (const set of sets) {
      const content = set.join(';');
      const index = indexOf.get(content) ?? distinct.push(set) - 1;
      indexOf.set(content, index);
      numbered.set(set, index);
    }
    const events = distinct
      .flatMap((set, index) => set.flatMap(([lo, hi]) => [[lo, index] as const, [hi + 1, index] as const]))
      .sort((a, b) => a[0] - b[0]);
    const inside = new Set<number>();
    const byContent = new Map<string, number>();
    const classesOf: Set<number>[] = distinct.map(() => new Set());
    let next = 0;
    for (let lo = 0; lo <= MAX_CODE_POINT; ) {
      for (; next < events.length && events[next][0] === lo; next++) {
        const index = events[next][1];
        if (!inside.delete(index)) inside.add(index);
      }
      const hi = next < events.length ? events[next][0] - 1 : MAX_CODE_POINT;
      const content = [...inside].sort((a, b) => a - b).join();
      let cls = byContent.get(content);
      if (cls === undefined) {
        cls = byContent.size;
        byContent.set(content, cls);
      }
      for (const index of inside) classesOf[index].add(cls);
      this.#pieces.push({ lo, hi, cls });
      lo = hi + 1;
    }
    this.size = byContent.size;
    const sorted = classesOf.map((classes) => [...classes].sort((a, b) => a - b));
    this.#classesOf = new Map([...numbered].map(([set, index]) => [set, sorted[index]]));
  }

  /** The classes that make up one of the sets that the alphabet was made from (the same object). */
  classesOf(set: Intervals): readonly number[] {
    return this.#classesOf.get(set) ?? [];
  }

  /** A canonical automaton over classes as the canonical automaton over code points. */
  spread(dfa: Dfa): Dfa {
    const target = new Int32Array(this.size);
    const edges = dfa.edges.map((list) => {
      target.fill(-1);
      for (const { lo, hi, to } of list) target.fill(to, lo, hi + 1);
      const result: { lo: number; hi: number; to: number }[] = [];
      for (const { lo, hi, cls } of this.#pieces) {
        const to = target[cls];
        const last = result[result.length - 1];
        if (last && last.to === to && last.hi + 1 === lo) last.hi = hi;
        else if (to >= 0) result.push({ lo, hi, to });
      }
      return result as DfaEdge[];
    });
    return { edges, accept: dfa.accept };
  }
}
