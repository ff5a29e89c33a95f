// Clauses as sets of bits, two for each property that they name: what "one formula or the other" comes to is found among all
// pairs of clauses, of which few are kept and most formulas are too large, so pairs must cost a few operations on words.
import type { Literal } from './presence.js';

type Literals = readonly Literal[];

/** Of every second bit of a word: the one that says that a property is absent. */
const ABSENT_BITS = 0x55555555;

/**
 * The clauses of "all of `left`, or all of `right`" that no other makes superfluous, the shortest first, each sorted by name;
 * undefined where they are more than `most`.
 */
export function eitherClauses(
  left: readonly Literals[],
  right: readonly Literals[],
  most: number,
): Literals[] | undefined {
  const sets = new ClauseSets(left, right);
  sets.uniteAll();
  const kept = sets.outermost(most);
  if (!kept) return undefined;
  const clauses: Literals[] = [];
  for (const row of kept) clauses.push(sets.literals(row));
  return clauses;
}

function byName(a: Literal, b: Literal): number {
  return a.name < b.name ? -1 : 1;
}

class ClauseSets {
  readonly #numbers = new Map<string, number>();
  readonly #literals: Literal[] = [];
  readonly #words: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #unions: Int32Array;
  /** By union, the number of its literals. */
  readonly #lengths: Uint16Array;
  #count = 0;

  constructor(left: readonly Literals[], right: readonly Literals[]) {
    for (const clauses of [left, right])
      for (const literals of clauses) for (const { name } of literals) this.#enter(name);
    this.#words = Math.max(1, (this.#literals.length + 31) >> 5);
    this.#left = this.#rowsOf(left);
    this.#right = this.#rowsOf(right);
    const most = Math.max(left.length * right.length, left.length);
    this.#unions = new Int32Array(most * this.#words);
    this.#lengths = new Uint16Array(most);
  }

  #enter(name: string): void {
    if (this.#numbers.has(name)) return;
    this.#numbers.set(name, this.#literals.length);
    this.#literals.push({ name, present: false }, { name, present: true });
  }

  #rowsOf(clauses: readonly Literals[]): Int32Array {
    const rows = new Int32Array(clauses.length * this.#words);
    for (let row = 0; row < clauses.length; row++)
      for (const { name, present } of clauses[row]) {
        const bit = this.#numbers.get(name)! + (present ? 1 : 0);
        rows[row * this.#words + (bit >> 5)] |= 1 << (bit & 31);
      }
    return rows;
  }

  /** A clause of both formulas says all that any other clause with it would. */
  uniteAll(): void {
    const words = this.#words;
    const left = this.#left;
    const right = this.#right;
    const shared = new Uint8Array(right.length / words);
    for (let one = 0; one < left.length; one += words) {
      const same = rowLike(left, one, right, words);
      if (same >= 0) shared[same / words] = 1;
    }
    for (let one = 0; one < left.length; one += words) {
      if (rowLike(left, one, right, words) >= 0) this.#unite(one, left, one);
      else
        for (let other = 0; other < right.length; other += words)
          if (shared[other / words] === 0) this.#unite(one, right, other);
    }
  }

  /** Adds the union of two clauses, unless it always holds. */
  #unite(one: number, others: Int32Array, other: number): void {
    const start = this.#count * this.#words;
    let length = 0;
    for (let word = 0; word < this.#words; word++) {
      const bits = this.#left[one + word] | others[other + word];
      if ((bits & (bits >>> 1) & ABSENT_BITS) !== 0) return;
      this.#unions[start + word] = bits;
      length += bitCount(bits);
    }
    this.#lengths[this.#count++] = length;
  }

  /** The unions that no other one makes superfluous; undefined where they are more than `most`. */
  outermost(most: number): readonly number[] | undefined {
    const kept: number[] = [];
    let longest = 0;
    for (let row = 0; row < this.#count; row++) longest = Math.max(longest, this.#lengths[row]);
    for (let length = 0; length <= longest; length++) {
      for (let row = 0; row < this.#count; row++) {
        if (this.#lengths[row] !== length || this.#isSubsumed(row, kept)) continue;
        if (kept.length === most) return undefined;
        kept.push(row);
      }
    }
    return kept;
  }

  #isSubsumed(row: number, kept: readonly number[]): boolean {
    const words = this.#words;
    const unions = this.#unions;
    for (let index = 0; index < kept.length; index++) {
      let word = 0;
      while (word < words && (unions[kept[index] * words + word] & ~unions[row * words + word]) === 0) word++;
      if (word === words) return true;
    }
    return false;
  }

  /** A union spelled out. */
  literals(row: number): Literals {
    const start = row * this.#words;
    const literals: Literal[] = [];
    for (let bit = 0; bit < this.#literals.length; bit++)
      if ((this.#unions[start + (bit >> 5)] >>> (bit & 31)) & 1) literals.push(this.#literals[bit]);
    return literals.sort(byName);
  }
}

/** Where `rows` has the row of `words` that begins at `at` in `from`; -1 where it has not. */
function rowLike(from: Int32Array, at: number, rows: Int32Array, words: number): number {
  for (let row = 0; row < rows.length; row += words) {
    let word = 0;
    while (word < words && from[at + word] === rows[row + word]) word++;
    if (word === words) return row;
  }
  return -1;
}

function bitCount(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
