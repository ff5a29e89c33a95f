// Literal strings in JSON text: the bytes, or the automaton of the spellings, of property names, const and enum.
// Which spellings there are of each character is said in spelling.ts.
import {
  type Dfa,
  FLAT_WORDS,
  FlatBuilder,
  flatOf,
  literalsDfa,
  minimizeFlat,
} from '../../automata/index.js';
import { bytes, type Node, regular, sequence } from '../../grammar/index.js';
import { BoundedCache } from './bounded-cache.js';
import { codePoints } from './shape.js';
import { type SpellingTrie, spellingTrie } from './spelling-trie.js';

const encoder = new TextEncoder();
export const QUOTE = bytes('"');
/** Strings with one spelling only: printable ASCII but `"`, `/` and `\`. */
const PLAIN = /^[ !#-.0-[\]-~]*$/;

/** True for text with one spelling only. */
export function isPlainText(text: string): boolean {
  return PLAIN.test(text);
}

/** Schemas of one process have many names in common. */
const LITERALS_KEPT = 4096;
/** Longest text that is kept. */
const MAX_KEPT_TEXT = 64;
const keptLiterals = new BoundedCache<Node>(LITERALS_KEPT);

/** The node that matches the given string, quotes included. */
export function literalNode(text: string): Node {
  return text.length > MAX_KEPT_TEXT ? makeLiteral(text) : keptLiterals.get(text, makeLiteral);
}

function makeLiteral(text: string): Node {
  return PLAIN.test(text) ? bytes(`"${text}"`) : sequence(QUOTE, regular(spellingsDfa([text])), QUOTE);
}

/** The automaton of all spellings of the given strings, between their quotes. */
export function literalStringsDfa(texts: readonly string[]): Dfa {
  return texts.every(isPlainText)
    ? literalsDfa(texts.map((text) => encoder.encode(text)))
    : spellingsDfa(texts);
}

/** For one automaton after the other. */
const spellingBuilder = new FlatBuilder();

/** The automaton of the given strings over code points, each of its edges spelled out in bytes. */
function spellingsDfa(texts: readonly string[]): Dfa {
  const words = literalsDfa(texts.map(codePoints));
  const { edgeStart, edges, accept } = flatOf(words);
  const builder = spellingBuilder.clear();
  /** The states inside spellings, numbered from accept.length on. */
  const inside: SpellingTrie[] = [];
  const define = (trie: SpellingTrie): void => {
    for (const [byte, next] of [...trie.next].sort((a, b) => a[0] - b[0])) {
      const to = typeof next === 'number' ? next : stateOf(next);
      builder.edge(byte, byte, to);
    }
    builder.close();
  };
  const known = new Map<SpellingTrie, number>();
  const stateOf = (trie: SpellingTrie): number => {
    let state = known.get(trie);
    if (state === undefined) {
      state = accept.length + inside.push(trie) - 1;
      known.set(trie, state);
    }
    return state;
  };
  for (let state = 0; state < accept.length; state++) {
    const [from, end] = [edgeStart[state] * FLAT_WORDS, edgeStart[state + 1] * FLAT_WORDS];
    if (!isPlainEdges(edges, from, end)) define(spellingTrie(words.edges[state]));
    else {
      for (let at = from; at < end; at += FLAT_WORDS) builder.edge(edges[at], edges[at + 1], edges[at + 2]);
      builder.close();
    }
  }
  for (const trie of inside) define(trie);
  const accepts = new Uint8Array(accept.length + inside.length);
  accepts.set(accept);
  return minimizeFlat(builder.view(accepts));
}

/** Whether every symbol on the edges has one spelling, itself. */
function isPlainEdges(edges: Int32Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += FLAT_WORDS)
    for (let symbol = edges[at]; symbol <= edges[at + 1]; symbol++)
      if (symbol > 0x7e || !PLAIN.test(String.fromCharCode(symbol))) return false;
  return true;
}
