// Masks made ahead for a vocabulary that no tokenizer has, as small as they can be with every part in use.
import type { PrecomputedMasks } from '../../src/compile/index.js';

/** Three positions of a vocabulary of 40 tokens. */
export const savedMasks: PrecomputedMasks = {
  tokenizer: '0123456789abcdef',
  vocabSize: 40,
  isComplete: false,
  entries: Int32Array.of(-1, 0, -1, 2, 0, 0x7b, 0, 1, 1, 256 + 39, 1, 0),
  tokens: Int32Array.of(3, 39, 0),
  bases: Int32Array.of(0b1110, 0, -1, 0xff),
};
