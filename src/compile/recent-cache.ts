// A map that keeps the most recently used entries.

export class RecentCache<K, V> {
  readonly #max: number;
  readonly #entries = new Map<K, V>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The value of `key`, made by `create` if it is not there. What `create` throws is passed on; nothing is kept then. */
  get(key: K, create: () => V): V {
    let value = this.#entries.get(key);
    if (value === undefined) value = create();
    else this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value as K);
    return value;
  }
}
