// Finished masks by configuration set, bounded in bytes, least recently used first out.
import type { ByteMachine, ByteState } from '../automata/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';
import { maskWords, walkMask } from './walk.js';

interface Mask {
  readonly row: Int32Array;
  readonly allowed: number;
}

/** The masks of one grammar over one vocabulary, remembered up to `maxBytes`. */
export class MaskMemo {
  readonly #machine: ByteMachine;
  readonly #image: TokenizerImage;
  readonly #tokenSets: readonly Int32Array[];
  readonly #maxMasks: number;
  readonly #masks = new Map<ByteState, Mask>();

  /** `tokenSets`: the ids of the grammar's token sets. `maxBytes` 0 remembers nothing; default 64 MiB. */
  constructor(
    machine: ByteMachine,
    image: TokenizerImage,
    tokenSets: readonly Int32Array[],
    maxBytes = 64 * 1024 * 1024,
  ) {
    this.#machine = machine;
    this.#image = image;
    this.#tokenSets = tokenSets;
    this.#maxMasks = Math.floor(maxBytes / (4 * maskWords(image.vocabSize)));
  }

  /** Copies the set's mask into `row` and returns how many tokens it allows. */
  fill(set: ByteState, row: Int32Array): number {
    const known = this.#masks.get(set);
    if (known) {
      this.#masks.delete(set);
      this.#masks.set(set, known);
      row.set(known.row);
      return known.allowed;
    }
    const allowed = walkMask(this.#machine, set, this.#image, this.#tokenSets, row);
    if (this.#maxMasks > 0) {
      this.#masks.set(set, { row: row.slice(), allowed });
      if (this.#masks.size > this.#maxMasks) this.#masks.delete(this.#masks.keys().next().value as ByteState);
    }
    return allowed;
  }
}
