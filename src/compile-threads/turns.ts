// Work that blocks this thread, one piece after the other, with a turn of the event loop in between once a while has
// passed: what was submitted meanwhile is submitted, and what came is delivered.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of such work before the event loop gets a turn. */
const MAX_SLICE = 2;

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #sliceEnd = 0;

  /** What `work` gives; it begins when all pieces before it are done. */
  run<T>(work: () => T): Promise<T> {
    const done = this.#last.then(async () => {
      if (performance.now() >= this.#sliceEnd) {
        await nextTurn();
        this.#sliceEnd = performance.now() + MAX_SLICE;
      }
      return work();
    });
    this.#last = done.catch(() => {});
    return done;
  }
}
