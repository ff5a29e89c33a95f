// Literal strings in JSON text: the bytes, or the automaton of the spellings, of property names, const and enum.
// Which spellings there are of each character is said in spelling.ts.
import {
  ascending,
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
  return texts.every(isPlainText) ? literalsDfa(texts.map(codePoints)) : spellingsDfa(texts);
}

/** The automaton of the given strings over code points, each of its edges spelled out in bytes. */
function spellingsDfa(texts: readonly string[]): Dfa {
  const words = literalsDfa(texts.map(codePoints));
  const { edgeStart, edges, accept } = flatOf(words);
  const spelled = new SpelledWords(accept);
  for (let state = 0; state < accept.length; state++) {
    const [from, end] = [edgeStart[state] * FLAT_WORDS, edgeStart[state + 1] * FLAT_WORDS];
    if (isPlainEdges(edges, from, end)) spelled.copy(edges, from, end);
    else spelled.define(spellingTrie(words.edges[state]));
  }
  return spelled.finish();
}

/** For one automaton after the other. */
const spellingBuilder = new FlatBuilder();

/** An automaton of words that is spelled out, state by state. */
class SpelledWords {
  readonly #accept: Uint8Array;
  readonly #builder = spellingBuilder.clear();
  /** The states inside spellings, numbered behind those of the words. */
  readonly #inside: SpellingTrie[] = [];
  readonly #known = new Map<SpellingTrie, number>();

  constructor(accept: Uint8Array) {
    this.#accept = accept;
  }

  /** The next state has these edges. */
  copy(edges: Int32Array, from: number, end: number): void {
    for (let at = from; at < end; at += FLAT_WORDS)
      this.#builder.edge(edges[at], edges[at + 1], edges[at + 2]);
    this.#builder.close();
  }

  /** The next state reads these spellings. */
  define({ next }: SpellingTrie): void {
    for (const byte of [...next.keys()].sort(ascending)) {
      const target = next.get(byte)!;
      this.#builder.edge(byte, byte, typeof target === 'number' ? target : this.#stateOf(target));
    }
    this.#builder.close();
  }

  #stateOf(trie: SpellingTrie): number {
    let state = this.#known.get(trie);
    if (state === undefined) {
      state = this.#accept.length + this.#inside.push(trie) - 1;
      this.#known.set(trie, state);
    }
    return state;
  }

  finish(): Dfa {
    for (const trie of this.#inside) this.define(trie);
    const accepts = new Uint8Array(this.#accept.length + this.#inside.length);
    accepts.set(this.#accept);
    return minimizeFlat(this.#builder.view(accepts));
  }
}

/** Whether every symbol on the edges has one spelling, itself. */
function isPlainEdges(edges: Int32Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += FLAT_WORDS)
    for (let symbol = edges[at]; symbol <= edges[at + 1]; symbol++)
      if (symbol > 0x7e || !PLAIN.test(String.fromCharCode(symbol))) return false;
  return true;
}
