// Literal strings in JSON text: the bytes, or the automaton of the spellings, of property names, const and enum.
// Which spellings there are of each character is said in spelling.ts.
import { type Dfa, literalsDfa, minimize, NO_LANGUAGE, unionDfa } from '../../automata/index.js';
import { bytes, type Node, regular, sequence } from '../../grammar/index.js';
import { codePoints } from './shape.js';
import { spellings } from './spelling.js';

const encoder = new TextEncoder();
export const QUOTE = bytes('"');
/** Strings with one spelling only: printable ASCII but `"`, `/` and `\`. */
const PLAIN = /^[ !#-.0-[\]-~]*$/;

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

/** A node of a byte trie in which several bytes may lead to one child (the two cases of a hex digit). */
interface TrieState {
  readonly next: Map<number, number>;
  accepting: boolean;
}

/**
 * A trie over code points whose edges are spelled out in bytes. The spellings of different code points differ and
 * none begins another, so the spelled trie is deterministic.
 */
function spellingsDfa(texts: readonly string[]): Dfa {
  const states: TrieState[] = [{ next: new Map(), accepting: false }];
  const step = (from: number, symbols: readonly number[], to?: number): number => {
    let target = states[from].next.get(symbols[0]);
    if (target === undefined) {
      target = to ?? states.push({ next: new Map(), accepting: false }) - 1;
      for (const symbol of symbols) states[from].next.set(symbol, target);
    }
    return target;
  };
  for (const text of texts) {
    let at = 0;
    for (const codePoint of codePoints(text)) {
      let after: number | undefined;
      for (const spelling of spellings(codePoint)) {
        let inside = at;
        spelling.forEach((symbols, index) => {
          inside = step(inside, symbols, index === spelling.length - 1 ? after : undefined);
        });
        after = inside;
      }
      at = after!;
    }
    states[at].accepting = true;
  }
  return minimize({
    edges: states.map(({ next }) =>
      [...next].map(([symbol, to]) => ({ lo: symbol, hi: symbol, to })).sort((a, b) => a.lo - b.lo),
    ),
    accept: states.map(({ accepting }) => (accepting ? 1 : 0)),
  });
}
