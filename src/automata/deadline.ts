// The time that a compilation may take. Compiling is one call on one thread, so the deadline in force is the module's; the
// loops whose length an input decides ask for it where they check their other limits.
import { LimitError } from '../errors.js';

/** Questions between two looks at the clock. */
const CALLS_PER_LOOK = 16;

class Deadline {
  readonly #milliseconds: number;
  readonly #end: number;
  #calls = 0;
  #isOver = false;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#end = performance.now() + milliseconds;
  }

  check(): void {
    if (++this.#calls % CALLS_PER_LOOK !== 0 || performance.now() <= this.#end) return;
    this.#isOver = true;
    throw this.#error();
  }

  /** Runs the work; a check that failed decides, whatever the work made of its error. */
  run<T>(work: () => T): T {
    let result: T;
    try {
      result = work();
    } catch (error) {
      throw this.#isOver ? this.#error() : error;
    }
    if (this.#isOver) throw this.#error();
    return result;
  }

  #error(): LimitError {
    return new LimitError('maxCompileMs', this.#milliseconds, 'compiling this takes too long');
  }
}

let current: Deadline | undefined;

/** Throws LimitError `maxCompileMs` once the time that {@link withDeadline} gave is over. */
export function checkDeadline(): void {
  current?.check();
}

/**
 * What `work` gives, if it takes at most `maxCompileMs` milliseconds, as far as its loops ask {@link checkDeadline}.
 * @throws LimitError `maxCompileMs`
 */
export function withDeadline<T>(maxCompileMs: number | undefined, work: () => T): T {
  if (maxCompileMs === undefined) return work();
  const outer = current;
  current = new Deadline(maxCompileMs);
  try {
    return current.run(work);
  } finally {
    current = outer;
  }
}
