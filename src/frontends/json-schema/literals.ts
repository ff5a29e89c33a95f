// Literal strings in JSON text: the bytes, or the automaton of the spellings, of property names, const and enum.
// One spelling for printable ASCII (JSON.stringify's, and `\/`); raw UTF-8 and every \u escape for the rest.
import { type Dfa, literalsDfa, minimize, NO_LANGUAGE, unionDfa } from '../../automata/index.js';
import { bytes, type Node, regular } from '../../grammar/index.js';
import { codePoints } from './shape.js';

const encoder = new TextEncoder();
const QUOTE = 0x22;
/** Strings with one spelling only: printable ASCII but `"`, `/` and `\`. */
const PLAIN = /^[ !#-.0-[\]-~]*$/;

/** The node that matches the given string between its quotes. */
export function literalNode(text: string): Node {
  return PLAIN.test(text) ? bytes(`"${text}"`) : regular(spellingsDfa([text]));
}

/** The automaton of all spellings of the given strings, quotes included. */
export function literalStringsDfa(texts: readonly string[]): Dfa {
  const plain = texts.filter((text) => PLAIN.test(text));
  const rest = texts.filter((text) => !PLAIN.test(text));
  const dfa = plain.length > 0 ? literalsDfa(plain.map((text) => encoder.encode(`"${text}"`))) : NO_LANGUAGE;
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
  const begin = step(0, [QUOTE]);
  for (const text of texts) {
    let at = begin;
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
    states[step(at, [QUOTE])].accepting = true;
  }
  return minimize({
    edges: states.map(({ next }) =>
      [...next].map(([symbol, to]) => ({ lo: symbol, hi: symbol, to })).sort((a, b) => a.lo - b.lo),
    ),
    accept: states.map(({ accepting }) => (accepting ? 1 : 0)),
  });
}

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x2f, '\\/'],
  [0x5c, '\\\\'],
]);

/** The spellings of one character, each a list of alternative bytes per position. */
function spellings(codePoint: number): number[][][] {
  const found: number[][][] = [];
  const short = SHORT_ESCAPES.get(codePoint);
  if (short) found.push(exactly(short));
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  const raw = codePoint >= 0x20 && codePoint !== QUOTE && codePoint !== 0x5c && !surrogate;
  if (raw) found.push(exactly(String.fromCodePoint(codePoint)));
  if (codePoint < 0x20 || codePoint > 0x7e) found.push(escaped(codePoint));
  return found;
}

function exactly(text: string): number[][] {
  return Array.from(encoder.encode(text), (byte) => [byte]);
}

function escaped(codePoint: number): number[][] {
  const units = String.fromCodePoint(codePoint);
  const positions: number[][] = [];
  for (let i = 0; i < units.length; i++) {
    positions.push(...exactly('\\u'));
    for (const digit of units.charCodeAt(i).toString(16).padStart(4, '0')) {
      const upper = digit.toUpperCase();
      positions.push(upper === digit ? exactly(digit)[0] : [digit.charCodeAt(0), upper.charCodeAt(0)]);
    }
  }
  return positions;
}
