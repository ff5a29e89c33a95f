// Which clauses about the properties of an object are still to be met, as bits, on the way along the list of its members. Sets
// of them that ask the same of the members to come are made one, which keeps the states of an object's graph few.
import type { Clause, Literal } from './presence.js';

/** By name, the bits of the clauses that are met where it is there, and of those that are met where it is not. */
export interface ClauseBits {
  readonly present: Int32Array;
  readonly absent: Int32Array;
}

/** What a clause stands for at a level, by its literals about the members to come. */
interface Rest {
  /** The first clause of which the same literals are left. */
  readonly first: number;
  /** The clauses that say less: of which these literals are left, and others. */
  readonly weaker: Int32Array;
}

export class OpenClauses {
  /** Words of a set of clauses. */
  readonly words: number;
  readonly #clauses: readonly Clause[];
  readonly #byName = new Map<string, ClauseBits>();
  /** By name, its place in the list. */
  readonly #levels = new Map<string, number>();
  /** By clause: the first level behind a name of it, or 0 where a name is not in the list. */
  readonly #touched: Int32Array;
  /** By level and clause. */
  readonly #rests = new Map<number, Rest>();
  readonly #dropped: Int32Array;

  constructor(clauses: readonly Clause[], names: Iterable<string>) {
    this.words = (clauses.length + 31) >> 5;
    this.#clauses = clauses;
    this.#dropped = new Int32Array(this.words);
    for (const name of names) this.#levels.set(name, this.#levels.size);
    clauses.forEach(({ literals }, index) => {
      for (const { name, present } of literals)
        add(this.#bitsOf(name)[present ? 'present' : 'absent'], index);
    });
    this.#touched = Int32Array.from(clauses, ({ literals }) =>
      Math.min(...literals.map(({ name }) => 1 + (this.#levels.get(name) ?? -1))),
    );
  }

  /** The clauses that speak of a name, if any do. */
  of(name: string): ClauseBits | undefined {
    return this.#byName.get(name);
  }

  /** Opens all clauses but those that speak of the absence of names which are not in the list. */
  openAll(open: Int32Array): void {
    this.#clauses.forEach((_, index) => {
      add(open, index);
    });
    for (const [name, { absent }] of this.#byName) if (!this.#levels.has(name)) remove(open, absent);
  }

  /**
   * Leaves of the clauses that are open before the member at a level only what makes a difference from there on: none beside
   * one that says more, and the first of those that say the same.
   */
  reduce(open: Int32Array, level: number): void {
    const dropped = this.#dropped.fill(0);
    forEachBit(open, (index) => {
      if (this.#touched[index] > level) return;
      const { weaker } = this.#restOf(index, level);
      for (let word = 0; word < dropped.length; word++) dropped[word] |= weaker[word];
    });
    remove(open, dropped);
    forEachBit(open, (index) => {
      if (this.#touched[index] > level) return;
      const { first } = this.#restOf(index, level);
      open[index >> 5] &= ~(1 << (index & 31));
      add(open, first);
    });
  }

  #bitsOf(name: string): ClauseBits {
    let bits = this.#byName.get(name);
    if (!bits) {
      bits = { present: new Int32Array(this.words), absent: new Int32Array(this.words) };
      this.#byName.set(name, bits);
    }
    return bits;
  }

  #restOf(index: number, level: number): Rest {
    const key = level * this.#clauses.length + index;
    let rest = this.#rests.get(key);
    if (!rest) this.#rests.set(key, (rest = this.#findRest(index, level)));
    return rest;
  }

  #findRest(index: number, level: number): Rest {
    const isLeft = ({ name }: Literal) => (this.#levels.get(name) ?? -1) >= level;
    const left = this.#clauses[index].literals.filter(isLeft);
    const weaker = new Int32Array(this.words).fill(-1);
    for (const { name, present } of left) {
      const bits = this.#bitsOf(name);
      const having = present ? bits.present : bits.absent;
      for (let word = 0; word < weaker.length; word++) weaker[word] &= having[word];
    }
    let first = index;
    for (let other = this.#clauses.length - 1; other >= 0; other--) {
      if (((weaker[other >> 5] >> (other & 31)) & 1) === 0) continue;
      if (this.#clauses[other].literals.filter(isLeft).length > left.length) continue;
      weaker[other >> 5] &= ~(1 << (other & 31));
      first = other;
    }
    return { first, weaker };
  }
}

function add(set: Int32Array, index: number): void {
  set[index >> 5] |= 1 << (index & 31);
}

function remove(set: Int32Array, others: Int32Array): void {
  for (let word = 0; word < set.length; word++) set[word] &= ~others[word];
}

/** Calls `visit` for each bit, ascending, of every word as it was when it was come to. */
function forEachBit(set: Int32Array, visit: (index: number) => void): void {
  for (let word = 0; word < set.length; word++)
    for (let bits = set[word]; bits !== 0; bits &= bits - 1) visit(32 * word + 31 - Math.clz32(bits & -bits));
}
