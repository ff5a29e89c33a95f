// A list of Int32 numbers that grows: what walks collect, without an object per entry.

export class IntList {
  data: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.data = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(this.length + 1);
    this.data[this.length++] = value;
  }

  /** Makes room for `length` entries in all; keeps what `data` holds, beyond the list's length too. */
  reserve(length: number): void {
    if (length <= this.data.length) return;
    const grown = new Int32Array(Math.max(length, this.data.length * 2));
    grown.set(this.data);
    this.data = grown;
  }

  toArray(): Int32Array {
    return this.data.slice(0, this.length);
  }
}

/** How many of the ascending `values` are less than `limit`. */
export function countBelow(values: Int32Array, limit: number): number {
  let low = 0;
  for (let high = values.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (values[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keys below are counted in an array. */
const MAX_DENSE = 4096;

/** A counting sort by keys that are whole numbers, nearly all of them small: first the shares are added, then taken in order. */
export class CountingSort {
  readonly #dense = new Int32Array(MAX_DENSE);
  readonly #others = new Map<number, number>();

  add(key: number, share: number): void {
    if (key < MAX_DENSE) this.#dense[key] += share;
    else this.#others.set(key, (this.#others.get(key) ?? 0) + share);
  }

  /** Lays the shares out by ascending key; returns the sum of all. */
  layOut(): number {
    let total = 0;
    for (let key = 0; key < MAX_DENSE; key++) {
      const share = this.#dense[key];
      this.#dense[key] = total;
      total += share;
    }
    for (const key of [...this.#others.keys()].sort((a, b) => a - b)) {
      const share = this.#others.get(key)!;
      this.#others.set(key, total);
      total += share;
    }
    return total;
  }

  /** Where the next `share` of a key lies. */
  take(key: number, share: number): number {
    const at = key < MAX_DENSE ? this.#dense[key] : this.#others.get(key)!;
    if (key < MAX_DENSE) this.#dense[key] = at + share;
    else this.#others.set(key, at + share);
    return at;
  }
}
