// A map that keeps the most recently used entries.

export class RecentCache<K, V> {
  readonly #max: number;
  readonly #entries = new Map<K, V>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The value of `key`, if it is there; it is then the most recently used. */
  find(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** The value of `key`, made by `create` if it is not there. What `create` throws is passed on; nothing is kept then. */
  get(key: K, create: () => V): V {
    const known = this.find(key);
    if (known !== undefined) return known;
    const value = create();
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value as K);
    return value;
  }
}
