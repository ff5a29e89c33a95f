// Literal strings in JSON text: the bytes, or the automaton of the spellings, of property names, const and enum.
// Which spellings there are of each character is said in spelling.ts.
import {
  type Dfa,
  type DfaEdge,
  literalsDfa,
  minimize,
  NO_LANGUAGE,
  unionDfa,
} from '../../automata/index.js';
import { bytes, type Node, regular, sequence } from '../../grammar/index.js';
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

/** The node that matches the given string, quotes included. */
export function literalNode(text: string): Node {
  return PLAIN.test(text) ? bytes(`"${text}"`) : sequence(QUOTE, regular(spellingsDfa([text])), QUOTE);
}

/** The automaton of all spellings of the given strings, between their quotes. */
export function literalStringsDfa(texts: readonly string[]): Dfa {
  const plain = texts.filter((text) => PLAIN.test(text));
  const rest = texts.filter((text) => !PLAIN.test(text));
  const dfa = plain.length > 0 ? literalsDfa(plain.map((text) => encoder.encode(text))) : NO_LANGUAGE;
  return rest.length > 0 ? unionDfa(dfa, spellingsDfa(rest)) : dfa;
}

/** The automaton of the given strings over code points, each of its edges spelled out in bytes. */
function spellingsDfa(texts: readonly string[]): Dfa {
  const words = literalsDfa(texts.map(codePoints));
  const edges: DfaEdge[][] = words.edges.map(() => []);
  const known = new Map<SpellingTrie, number>();
  const define = (state: number, trie: SpellingTrie): void => {
    const bytes = [...trie.next].sort((a, b) => a[0] - b[0]);
    for (const [byte, next] of bytes) {
      edges[state].push({ lo: byte, hi: byte, to: typeof next === 'number' ? next : inside(next) });
    }
  };
  const inside = (trie: SpellingTrie): number => {
    let state = known.get(trie);
    if (state === undefined) {
      state = edges.push([]) - 1;
      known.set(trie, state);
      define(state, trie);
    }
    return state;
  };
  words.edges.forEach((list, state) => {
    define(state, spellingTrie(list));
  });
  return minimize({ edges, accept: edges.map((_, state) => words.accept[state] ?? 0) });
}
