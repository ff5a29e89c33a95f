// Arrays for the inside of one operation, kept from one to the next: automata are mostly small, and making a typed array
// costs more than filling it. Whoever borrows one is done with it before another borrows by the same name.

/** A family of arrays by name. */
export class Scratch<Name extends string> {
  readonly #arrays = new Map<Name, Int32Array>();

  /** An array of at least `length` words, the first `length` of them `value`. */
  filled(name: Name, length: number, value: number): Int32Array {
    const array = this.array(name, length);
    array.fill(value, 0, length);
    return array;
  }

  /** An array of at least `length` words of any value. */
  array(name: Name, length: number): Int32Array {
    let array = this.#arrays.get(name);
    if (!array || array.length < length) {
      // What one enormous automaton needs is not kept for ever.
      if (length > MAX_KEPT) return new Int32Array(length);
      array = new Int32Array(Math.max(256, 2 * length));
      this.#arrays.set(name, array);
    }
    return array;
  }
}

const MAX_KEPT = 1 << 20;
