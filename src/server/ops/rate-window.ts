// A sum over the last seconds, in one slot a second.

export class RateWindow {
  readonly #slots: Float64Array;
  /** The second that was written last. */
  #second = 0;

  constructor(seconds: number) {
    this.#slots = new Float64Array(seconds);
  }

  /** `now`: milliseconds of a clock that never goes back. */
  add(now: number, amount: number): void {
    this.#forward(now);
    this.#slots[this.#second % this.#slots.length] += amount;
  }

  /** What was added within the window. */
  sum(now: number): number {
    this.#forward(now);
    return this.#slots.reduce((total, slot) => total + slot, 0);
  }

  /** Empties the slots of the seconds that passed without anything. */
  #forward(now: number): void {
    const second = Math.floor(now / 1000);
    const passed = Math.min(second - this.#second, this.#slots.length);
    for (let i = 0; i < passed; i++) this.#slots[(second - i) % this.#slots.length] = 0;
    this.#second = Math.max(second, this.#second);
  }
}
