// A byte-level BPE vocabulary of Llama 3's size, made by rule: masks cost what they cost with a real one, and nothing has
// to be fetched. Single bytes, numbers of up to three digits, runs of white space, clusters of punctuation, then words of
// syllables in three spellings, and words in letters of two and three bytes. Every prefix of a token is a token.

export const VOCABULARY_SIZE = 128_256;
const PLAIN_TOKENS = 128_000;
const SHARE_OF_OTHER_SCRIPTS = 0.15;

/** The printable character that stands for each byte in tokenizer.json. */
const BYTE_CHARACTERS = byteCharacters();

function byteCharacters(): string[] {
  const kept = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(kept(byte) ? byte : next++));
}

/** Numbers in [0, below), the same on every run. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return Math.floor((((z ^ (z >>> 16)) >>> 0) / 2 ** 32) * below);
  };
}

/** Collects tokens with all their prefixes, and the merge that makes each of its own. */
class Vocabulary {
  readonly ids = new Map<string, number>();
  readonly merges: [string, string][] = [];

  get full(): boolean {
    return this.ids.size >= PLAIN_TOKENS;
  }

  addByte(byte: number): void {
    this.ids.set(BYTE_CHARACTERS[byte], this.ids.size);
  }

  add(text: string): void {
    const token = Array.from(new TextEncoder().encode(text), (byte) => BYTE_CHARACTERS[byte]).join('');
    for (let end = 2; end <= token.length && !this.full; end++) {
      const prefix = token.slice(0, end);
      if (this.ids.has(prefix)) continue;
      this.merges.push([prefix.slice(0, -1), prefix.slice(-1)]);
      this.ids.set(prefix, this.ids.size);
    }
  }
}

const SYLLABLES =
  'a e i o u er in on re st th an en al or it ar le ou ch tion ment con pro com de per ex'.split(' ');
const CONSONANTS = 'b c d f g h j k l m n p r s t v w z br ch cl cr dr fl gr pl pr sh sl sp st th tr'.split(
  ' ',
);
const PUNCTUATION = '"\'`.,:;!?()[]{}<>=+-*/\\|&%$#@^~_';
const CLUSTERS =
  '", ": "," ":" "}, "}," "]} "], {" {"" [" [{" }} }] }, ], ]} () (); {} [] := == != => -> :: // /* */ && || <= >= ++ -- ... ```'.split(
    ' ',
  );

function word(next: (below: number) => number): string {
  let text = '';
  for (let i = 1 + next(3); i > 0; i--)
    text += CONSONANTS[next(CONSONANTS.length)] + SYLLABLES[next(SYLLABLES.length)];
  return text;
}

/** Latin with marks, Cyrillic and Greek in two bytes a letter; Chinese, Japanese and Korean in three. */
function foreignWord(next: (below: number) => number): string {
  const [first, count, most] = (
    [
      [0xc0, 0x17f - 0xc0, 8],
      [0x410, 64, 10],
      [0x3b1, 25, 8],
      [0x4e00, 3000, 3],
      [0x3042, 80, 4],
      [0xac00, 2000, 3],
    ] as const
  )[next(6)];
  return String.fromCodePoint(...Array.from({ length: 1 + next(most) }, () => first + next(count)));
}

/** tokenizer.json's content; ids from 128,000 on are special, the second of them ends a sequence. */
export function tokenizerJson(): object {
  const vocabulary = new Vocabulary();
  const next = generator(8);
  for (let byte = 0; byte < 256; byte++) vocabulary.addByte(byte);
  for (let number = 0; number < 1000; number++)
    for (const digits of [1, 2, 3]) vocabulary.add(String(number).padStart(digits, '0'));
  for (let length = 2; length <= 64; length++)
    for (const space of ' \n\t') vocabulary.add(space.repeat(length));
  for (const cluster of CLUSTERS) for (const around of ['', ' ']) vocabulary.add(around + cluster);
  for (const a of PUNCTUATION) for (const b of PUNCTUATION) vocabulary.add(a + b);
  for (const mark of PUNCTUATION) for (let i = 0; i < 40; i++) vocabulary.add(mark + word(next));
  while (!vocabulary.full) {
    const text = next(1000) < SHARE_OF_OTHER_SCRIPTS * 1000 ? foreignWord(next) : word(next);
    const spelling = next(4);
    vocabulary.add(
      spelling === 0 ? text : spelling === 1 ? text[0].toUpperCase() + text.slice(1) : ` ${text}`,
    );
  }
  return {
    version: '1.0',
    added_tokens: Array.from({ length: VOCABULARY_SIZE - PLAIN_TOKENS }, (_, i) => ({
      id: PLAIN_TOKENS + i,
      content: i === 0 ? '<|begin|>' : i === 1 ? '<|end|>' : `<|reserved_${i}|>`,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab: Object.fromEntries(vocabulary.ids),
      merges: vocabulary.merges,
    },
  };
}
