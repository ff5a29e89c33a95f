// A byte-level tokenizer.json of any size, made by rule: the 256 bytes, then words of pairs and triples of what is there.
import { seededRandom } from './random-schema.js';

/** GPT-2's printable stand-ins for the bytes, by byte. */
function standIns(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** The parsed tokenizer.json: `size` ids, of which the last is an end token. */
export function largeTokenizer(size: number, seed = 1): Record<string, unknown> {
  const random = seededRandom(seed);
  const bytes = standIns();
  // Letters and a space make most words; the rest of the bytes come in now and then.
  const common = [...'etaoinshrdlucmfwypvbgk'].concat(bytes[0x20]!, bytes[0x20]!);
  const pieces = [...bytes];
  const known = new Set(pieces);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  const merges: [string, string][] = [];
  while (pieces.length < size - 1) {
    const left = random() < 0.5 ? pick(pieces) : pick(common);
    const right = random() < 0.95 ? pick(common) : pick(bytes);
    if (left.length > 12 || known.has(left + right)) continue;
    known.add(left + right);
    pieces.push(left + right);
    merges.push([left, right]);
  }
  return {
    model: { type: 'BPE', vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges },
    added_tokens: [{ id: size - 1, content: '<end>', special: true }],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    decoder: { type: 'ByteLevel' },
  };
}
