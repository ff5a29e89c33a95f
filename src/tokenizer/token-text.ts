// How a tokenizer writes text as tokens, read from the decoder and pre-tokenizer of tokenizer.json: byte-level
// (GPT-2's printable stand-ins for bytes) or SentencePiece (a metaspace for the space, `<0xNN>` for a byte).
// Gives vocabulary.ts each token's exact bytes, and incremental.ts the rule for the start of a text.
import { TokenizerError } from '../errors.js';
import type { Section, TokenizerJson } from './tokenizer-json.js';

/** What the decoder takes away at the start of a decoded text. */
export type LeadingSpaceRule =
  | { readonly kind: 'none' }
  /** At most `count` spaces of the whole text. */
  | { readonly kind: 'spaces'; readonly count: number }
  /** Every metaspace of the first token. */
  | { readonly kind: 'first-token'; readonly metaspace: string };

export interface TokenText {
  readonly kind: 'byte-level' | 'sentencepiece';
  readonly leadingSpace: LeadingSpaceRule;
  /** The exact bytes that a token of the model's vocabulary stands for. */
  bytesOf(token: string): Uint8Array;
  /** The exact bytes of an added token. */
  bytesOfAdded(content: string): Uint8Array;
}

const utf8 = new TextEncoder();

/**
 * Reads how tokens stand for text.
 * @throws TokenizerError `unsupported_tokenizer` naming the section whose tokens have no exact bytes
 */
export function readTokenText(json: TokenizerJson): TokenText {
  const byteLevelDecoder = json.decoders.some(({ type }) => type === 'ByteLevel');
  const byteLevelSplit = json.preTokenizers.some(({ type }) => type === 'ByteLevel');
  if (byteLevelDecoder || (json.decoders.length === 0 && byteLevelSplit)) {
    const other = json.decoders.find(({ type }) => type !== 'ByteLevel' && type !== 'Fuse');
    if (other) unsupported(`decoder ${describe(other)} beside ByteLevel`);
    return byteLevelText();
  }
  if (json.decoders.length === 0) unsupported('no decoder and no ByteLevel pre-tokenizer');
  return sentencePieceText(json.decoders);
}

function byteLevelText(): TokenText {
  const table = byteOfStandIn();
  return {
    kind: 'byte-level',
    leadingSpace: { kind: 'none' },
    bytesOf(token) {
      const bytes = new Uint8Array(token.length);
      for (let i = 0; i < token.length; i++) {
        const byte = table[token.charCodeAt(i)] ?? -1;
        if (byte < 0) return utf8.encode(token);
        bytes[i] = byte;
      }
      return bytes;
    },
    bytesOfAdded: (content) => utf8.encode(content),
  };
}

/**
 * GPT-2's table inverted (Radford et al. 2019): printable Latin-1 stands for itself, the other 68 bytes for the code
 * points from U+0100 on, in order. Index: code unit; -1 where no byte has this stand-in.
 */
function byteOfStandIn(): Int16Array {
  const table = new Int16Array(0x100 + 68).fill(-1);
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    table[printable ? byte : next++] = byte;
  }
  return table;
}

function sentencePieceText(decoders: readonly Section[]): TokenText {
  let metaspace: string | undefined;
  let byteFallback = false;
  let fused = false;
  let leadingSpace: LeadingSpaceRule = { kind: 'none' };
  for (const decoder of decoders) {
    if (decoder.type === 'Replace' && decoder.content === ' ' && replacedText(decoder) !== undefined) {
      metaspace = replacedText(decoder)!;
    } else if (decoder.type === 'Metaspace') {
      metaspace = typeof decoder.replacement === 'string' ? decoder.replacement : '\u2581';
      if (stripsFirstToken(decoder)) leadingSpace = { kind: 'first-token', metaspace };
    } else if (decoder.type === 'ByteFallback') byteFallback = true;
    else if (decoder.type === 'Fuse') fused = true;
    else if (decoder.type === 'Strip' && decoder.content === ' ' && fused && !decoder.stop)
      leadingSpace = { kind: 'spaces', count: Number(decoder.start ?? 0) };
    else unsupported(`decoder ${describe(decoder)}`);
  }
  if (!metaspace) unsupported('its decoder has no replacement for the space');
  const space = metaspace!;
  const bytesOf = (token: string) => {
    const fallback = byteFallback ? fallbackByte(token) : -1;
    if (fallback >= 0) return Uint8Array.of(fallback);
    return utf8.encode(token.includes(space) ? token.replaceAll(space, ' ') : token);
  };
  return { kind: 'sentencepiece', leadingSpace, bytesOf, bytesOfAdded: bytesOf };
}

function replacedText(decoder: Section): string | undefined {
  const pattern = decoder.pattern as { String?: unknown } | undefined;
  return typeof pattern?.String === 'string' && pattern.String !== '' ? pattern.String : undefined;
}

function stripsFirstToken(decoder: Section): boolean {
  if (typeof decoder.prepend_scheme === 'string') return decoder.prepend_scheme !== 'never';
  return decoder.add_prefix_space !== false;
}

function fallbackByte(token: string): number {
  return token.length === 6 && /^<0x[0-9A-Fa-f]{2}>$/.test(token)
    ? Number.parseInt(token.slice(3, 5), 16)
    : -1;
}

function describe(section: Section): string {
  const text = JSON.stringify(section);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function unsupported(what: string): never {
  throw new TokenizerError(
    'unsupported_tokenizer',
    `tokenizer.json: ${what}: the exact bytes of its tokens cannot be told; byte-level BPE, and SentencePiece with a metaspace, are supported`,
  );
}
