// What schemas of one process have in common (patterns, names), kept by content; the oldest entry goes first.

export class BoundedCache<V> {
  readonly #max: number;
  readonly #sizeOf: (value: V) => number;
  readonly #entries = new Map<string, V>();
  /** Goes on where it was: from the beginning it would pass by all that is gone, for each entry again. */
  #oldest: MapIterator<[string, V]> | undefined;
  #size = 0;

  /** `max`: the size of all entries together; each counts 1 unless `sizeOf` says otherwise. */
  constructor(max: number, sizeOf: (value: V) => number = () => 1) {
    this.#max = max;
    this.#sizeOf = sizeOf;
  }

  /** The value of `key`, made by `create` if it is not there. What `create` throws is passed on; nothing is kept then. */
  get(key: string, create: (key: string) => V): V {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const value = create(key);
    this.#entries.set(key, value);
    this.#size += this.#sizeOf(value);
    while (this.#size > this.#max) this.#dropOldest();
    return value;
  }

  #dropOldest(): void {
    const oldest = this.#oldest?.next();
    if (!oldest || oldest.done) this.#oldest = this.#entries.entries();
    else {
      const [key, value] = oldest.value;
      this.#entries.delete(key);
      this.#size -= this.#sizeOf(value);
    }
  }
}
