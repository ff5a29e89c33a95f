// Judges tokens: a small vocabulary in which the tokens that a case names have their ids, and every byte is a token.
import type { CompiledGrammar, Verdict } from '../../src/compile/index.js';
import { buildImageFromBytes, type TokenizerImage } from '../../src/tokenizer/index.js';
import type { TokenPart } from './case.js';

/** Ids of named tokens are below this; byte b is the token FIRST_BYTE + b. */
const FIRST_BYTE = 1000;

const encoder = new TextEncoder();
const vocabulary: TokenizerImage = buildImageFromBytes(
  Array.from({ length: FIRST_BYTE + 256 }, (_, id) =>
    id < FIRST_BYTE ? encoder.encode(`<token ${id}>`) : Uint8Array.of(id - FIRST_BYTE),
  ),
  [],
);

/** Whether the tokens, and the texts between them byte by byte, are a sentence, begin one, or neither. */
export function classifyParts(open: CompiledGrammar['matcher'], parts: readonly TokenPart[]): Verdict {
  const matcher = open(vocabulary);
  for (const part of parts) {
    const tokens =
      typeof part === 'string' ? [...encoder.encode(part)].map((byte) => FIRST_BYTE + byte) : [part.token];
    if (!tokens.every((token) => matcher.accept(token))) return 'dead';
  }
  return matcher.isAccepting ? 'accepted' : 'prefix';
}
