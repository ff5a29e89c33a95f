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

/** Turns numbers by key into where each key's share begins, by ascending key. Returns the sum of all. */
export function sumUp(shares: Map<number, number>): number {
  let total = 0;
  for (const key of [...shares.keys()].sort((a, b) => a - b)) {
    const share = shares.get(key)!;
    shares.set(key, total);
    total += share;
  }
  return total;
}
