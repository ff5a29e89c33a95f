// What schemas of one process have in common (patterns, formats, names), kept by content; the oldest entry goes first.

export class BoundedCache<V> {
  readonly #max: number;
  readonly #entries = new Map<string, V>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The value of `key`, made by `create` if it is not there. What `create` throws is passed on; nothing is kept then. */
  get(key: string, create: () => V): V {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const value = create();
    if (this.#entries.size >= this.#max) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, value);
    return value;
  }
}
