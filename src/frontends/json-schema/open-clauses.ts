// Which clauses about the properties of an object are still to be met, as bits, on the way along the list of its members. Sets
// of them that ask the same of the members to come are made one, which keeps the states of an object's graph few.
import type { Clause } from './presence.js';

/** By name, the bits of the clauses that are met where it is there, and of those that are met where it is not. */
export interface ClauseBits {
  readonly present: Int32Array;
  readonly absent: Int32Array;
}

/** A literal of a clause: the place of its name in the list, -1 for none, and all clauses that have it. */
interface Place {
  readonly level: number;
  readonly having: Int32Array;
}

/** What a clause stands for at a level, by its literals about the members to come. */
interface Rest {
  /** The first clause of which the same literals are left: this one or one before it. */
  readonly first: number;
  /** The clauses that say less: of which these literals are left, and others. */
  readonly weaker: Int32Array;
}

export class OpenClauses {
  /** Words of a set of clauses. */
  readonly words: number;
  /** By clause, its literals. */
  readonly #clauses: (readonly Place[])[] = [];
  readonly #byName = new Map<string, ClauseBits>();
  /** By name, its place in the list. */
  readonly #levels = new Map<string, number>();
  /** By clause: the first level behind a name of it, or 0 where a name is not in the list. */
  readonly #touched: Int32Array;
  /** By level and clause. */
  readonly #rests = new Map<number, Rest>();
  /** By clause, how many of its literals are about members at the level that was asked about last, or behind it. */
  readonly #left: Uint32Array;
  #leftAt = -1;
  readonly #dropped: Int32Array;

  constructor(clauses: readonly Clause[], names: Iterable<string>) {
    this.words = (clauses.length + 31) >> 5;
    this.#dropped = new Int32Array(this.words);
    for (const name of names) this.#levels.set(name, this.#levels.size);
    this.#touched = new Int32Array(clauses.length);
    for (let index = 0; index < clauses.length; index++) this.#enter(clauses[index], index);
    this.#left = new Uint32Array(clauses.length);
  }

  #enter({ literals }: Clause, index: number): void {
    const places: Place[] = [];
    let least = this.#levels.size;
    for (const { name, present } of literals) {
      const bits = this.#bitsOf(name);
      const having = present ? bits.present : bits.absent;
      add(having, index);
      const level = this.#levels.get(name) ?? -1;
      places.push({ level, having });
      if (level < least) least = level;
    }
    this.#clauses.push(places);
    this.#touched[index] = least + 1;
  }

  /** The clauses that speak of a name, if any do. */
  of(name: string): ClauseBits | undefined {
    return this.#byName.get(name);
  }

  /** Opens all clauses but those that speak of the absence of names which are not in the list. */
  openAll(open: Int32Array): void {
    for (let index = 0; index < this.#clauses.length; index++) add(open, index);
    for (const [name, { absent }] of this.#byName) if (!this.#levels.has(name)) remove(open, absent);
  }

  /**
   * Leaves of the clauses that are open before the member at a level only what makes a difference from there on: none beside
   * one that says more, and the first of those that say the same.
   */
  reduce(open: Int32Array, level: number): void {
    const dropped = this.#dropped.fill(0);
    for (let index = nextBit(open, 0); index >= 0; index = nextBit(open, index + 1)) {
      if (this.#touched[index] > level) continue;
      const { weaker } = this.#restOf(index, level);
      for (let word = 0; word < dropped.length; word++) dropped[word] |= weaker[word];
    }
    remove(open, dropped);
    for (let index = nextBit(open, 0); index >= 0; index = nextBit(open, index + 1)) {
      if (this.#touched[index] > level) continue;
      const { first } = this.#restOf(index, level);
      open[index >> 5] &= ~(1 << (index & 31));
      add(open, first);
    }
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
    const weaker = new Int32Array(this.words).fill(-1);
    for (const place of this.#clauses[index])
      if (place.level >= level)
        for (let word = 0; word < weaker.length; word++) weaker[word] &= place.having[word];
    if (this.#leftAt !== level) this.#countLeft(level);
    const left = this.#left[index];
    let first = index;
    for (let other = this.#clauses.length - 1; other >= 0; other--) {
      if (((weaker[other >> 5] >> (other & 31)) & 1) === 0) continue;
      if (this.#left[other] > left) continue;
      weaker[other >> 5] &= ~(1 << (other & 31));
      first = other;
    }
    return { first, weaker };
  }

  #countLeft(level: number): void {
    this.#leftAt = level;
    for (let index = 0; index < this.#clauses.length; index++) {
      let left = 0;
      for (const place of this.#clauses[index]) if (place.level >= level) left++;
      this.#left[index] = left;
    }
  }
}

function add(set: Int32Array, index: number): void {
  set[index >> 5] |= 1 << (index & 31);
}

function remove(set: Int32Array, others: Int32Array): void {
  for (let word = 0; word < set.length; word++) set[word] &= ~others[word];
}

/** The first member from `from` on; -1 where there is none. */
function nextBit(set: Int32Array, from: number): number {
  let bits = -1 << (from & 31);
  for (let word = from >> 5; word < set.length; word++) {
    bits &= set[word];
    if (bits !== 0) return 32 * word + 31 - Math.clz32(bits & -bits);
    bits = -1;
  }
  return -1;
}
