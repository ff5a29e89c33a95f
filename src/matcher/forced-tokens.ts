// Text that a grammar forces, as tokens that may be appended without asking the model (jump-forward), and that the
// tokenizer would make of the whole text too, whatever comes behind.
import type { Tokenizer, TokenizerImage } from '../tokenizer/index.js';

/** Bytes of forced text that are looked at unless told otherwise. */
export const DEFAULT_FORCED_BYTES = 256;

/** What is asked of a matcher, portable or native. */
export interface ForcingMatcher {
  /** The bytes that must come next, at most `limit`. */
  forced(limit: number): Uint8Array;
}

/**
 * The tokens that must come next, as the tokenizer spells them. They are exactly these:
 *
 * Let F be the forced bytes, at most `limit`. A *seam* is a place p in F, 0 < p ≤ |F|, across which no token can lie: there is no
 * text token whose bytes, begun at some place q < p, agree with F as far as F goes and end behind p. Then every spelling of
 * every text that begins with F has a border between two tokens at p, whatever the tokenizer's merges or scores are. The result
 * is what `tokenizer.encode` makes of F, up to the last seam that neither parts a character nor follows white space (rules that
 * split a text into words look past white space, not past anything else). So for each text T that begins with F,
 * `encode(T)` begins with these tokens, provided that special tokens are not written out in it and that the tokenizer's
 * splitting into words, if it has one, keeps to that.
 *
 * The tokens before F stand as they are: F is spelt as if a text began with it. Empty where nothing is forced, where F has no
 * seam, or where the tokenizer does not spell F's bytes (one that writes a space before each text). The matcher does not
 * move; it accepts these tokens one after the other.
 */
export function forcedTokens(
  matcher: ForcingMatcher,
  tokenizer: Tokenizer,
  limit = DEFAULT_FORCED_BYTES,
): Int32Array {
  const forced = matcher.forced(limit);
  const seams = seamsOf(forced, tokenizer.image);
  if (seams.length === 0) return new Int32Array(0);
  const text = wholeCharacters(forced);
  const ids = tokenizer.encode(text, { addSpecialTokens: false });
  const isSeam = new Set(seams);
  let at = 0;
  let safe = 0;
  for (let i = 0; i < ids.length; i++) {
    const bytes = tokenizer.tokenBytes(ids[i]);
    if (!bytes?.length || !bytes.every((byte, k) => byte === forced[at + k])) break;
    at += bytes.length;
    if (isSeam.has(at) && endsWell(forced.subarray(0, at))) safe = i + 1;
  }
  return ids.slice(0, safe);
}

/** The places of `text` across which no token lies, ascending; 0 is none. */
function seamsOf(text: Uint8Array, { nodeTokenStart, nodeSkip, nodeByte }: TokenizerImage): number[] {
  const seams: number[] = [];
  /** Where the tokens end that begin before the place being looked at; behind the text: anywhere. */
  let reach = 0;
  for (let from = 0; from < text.length && reach <= text.length; from++) {
    if (from > 0 && reach <= from) seams.push(from);
    let node = 0;
    for (let at = from; at < text.length; at++) {
      node = childOf(node, text[at], nodeSkip, nodeByte);
      if (node < 0) break;
      if (nodeTokenStart[node] < nodeTokenStart[node + 1]) reach = Math.max(reach, at + 1);
      if (at + 1 === text.length && nodeSkip[node] > node + 1) reach = Number.POSITIVE_INFINITY;
    }
  }
  if (text.length > 0 && reach <= text.length) seams.push(text.length);
  return seams;
}

/** The child of a trie's node on a byte, or -1. */
function childOf(node: number, byte: number, nodeSkip: Int32Array, nodeByte: Uint8Array): number {
  const end = nodeSkip[node];
  let child = node + 1;
  while (child < end && nodeByte[child] < byte) child = nodeSkip[child];
  return child < end && nodeByte[child] === byte ? child : -1;
}

/** The text as far as its last character is whole. */
function wholeCharacters(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Whether the text ends with a whole character that is no white space. */
function endsWell(bytes: Uint8Array): boolean {
  try {
    return !/\s$/u.test(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return false;
  }
}
