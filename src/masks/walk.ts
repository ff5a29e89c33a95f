// The token mask of a configuration set by walking the vocabulary's trie: the plain definition of a mask.
// A token is allowed when the automaton can read all its bytes, or reads it as a token; an end-of-sequence token, when the sentence is complete.
import type { ByteMachine, ByteState } from '../automata/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';

/** Int32 words of a mask row: one bit per token, least significant bit first. */
export function maskWords(vocabSize: number): number {
  return (vocabSize + 31) >>> 5;
}

/** Sets the bits of the allowed tokens in `row` (cleared first) and returns how many there are. */
export function walkMask(
  machine: ByteMachine,
  set: ByteState,
  image: TokenizerImage,
  tokenSets: readonly Int32Array[],
  row: Int32Array,
): number {
  row.fill(0);
  const { nodeByte, nodeSkip, nodeTokenStart, nodeTokens } = image;
  const sets: ByteState[] = [set];
  const ends: number[] = [nodeByte.length];
  let allowed = 0;
  for (let node = 1; node < nodeByte.length; ) {
    while (node >= ends[ends.length - 1]) {
      ends.pop();
      sets.pop();
    }
    const reached = machine.step(sets[sets.length - 1], nodeByte[node]);
    if (reached === null) {
      node = nodeSkip[node];
      continue;
    }
    for (let at = nodeTokenStart[node]; at < nodeTokenStart[node + 1]; at++)
      allowed += allow(row, nodeTokens[at]);
    sets.push(reached);
    ends.push(nodeSkip[node]);
    node++;
  }
  for (const tokenSet of machine.tokenSets(set))
    for (const token of tokenSets[tokenSet]) allowed += allow(row, token);
  if (set.accepting) for (const token of image.eos) allowed += allow(row, token);
  return allowed;
}

function allow(row: Int32Array, token: number): number {
  const bit = 1 << (token & 31);
  if (row[token >>> 5] & bit) return 0;
  row[token >>> 5] |= bit;
  return 1;
}
