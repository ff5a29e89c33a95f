// The few words of a literal or lexeme, from some place in it on: what a person would type.
import type { Dfa } from '../automata/index.js';

const MAX_WORDS = 12;
const MAX_BYTES = 96;
/** More one-character words than this read better as a class. */
const MAX_CHARACTERS = 3;
const BACKSLASH = 0x5c;

/**
 * The texts that complete the terminal from `at` on; undefined when there are many. Spellings with escapes are left out where
 * there is one without: a JSON string has many spellings of one text.
 */
export function wordsFrom(terminal: Uint8Array | Dfa, at: number): readonly string[] | undefined {
  if (!('edges' in terminal)) return decoded([terminal.slice(at)]);
  const words: number[][] = [];
  const isFew = collect(terminal, at, [], words);
  if (!isFew || words.length === 0) return undefined;
  const texts = decoded(words.map((word) => Uint8Array.from(word)));
  const isClass = texts && texts.length > MAX_CHARACTERS && texts.every((text) => [...text].length === 1);
  return isClass ? undefined : texts;
}

/** False as soon as there are too many, or they are too long. */
function collect(dfa: Dfa, state: number, word: readonly number[], words: number[][]): boolean {
  if (word.length > MAX_BYTES) return false;
  if (dfa.accept[state]) words.push([...word]);
  if (words.length > MAX_WORDS) return false;
  const edges = dfa.edges[state];
  const plain = edges.filter(({ lo, hi }) => lo !== BACKSLASH || hi !== BACKSLASH);
  for (const { lo, hi, to } of plain.length > 0 ? plain : edges)
    for (let byte = lo; byte <= hi; byte++) if (!collect(dfa, to, [...word, byte], words)) return false;
  return true;
}

function decoded(words: readonly Uint8Array[]): string[] | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return words.map((word) => decoder.decode(word));
  } catch {
    return undefined;
  }
}
