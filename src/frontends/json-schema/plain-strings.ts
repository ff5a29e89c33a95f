// Spellings of less than every kind, in a fraction of the states that all of them take: one character as spelling.ts
// says (for names of properties), and whole languages as JSON.stringify writes them (for formats and large patterns).
import {
  type AutomatonLimits,
  type Dfa,
  type DfaEdge,
  differenceDfa,
  jsonStringDfa,
  literalsDfa,
  MAX_CODE_POINT,
  minimize,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { escapeSpelling, type Spelling } from './spelling.js';
import { type SpellingTrie, spellingTrie } from './spelling-trie.js';

const [FIRST, LAST] = [0x20, 0x7e];
const QUOTE = 0x22;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** One character, spelled plainly. */
export const PLAIN_CHARACTER = differenceDfa(
  jsonStringDfa(symbolsDfa([[0, MAX_CODE_POINT]])),
  literalsDfa(
    Array.from({ length: LAST - FIRST + 1 }, (_, index) => escapeSpelling(FIRST + index)).flatMap(
      combinations,
    ),
  ),
);

function combinations(spelling: Spelling): number[][] {
  let words: number[][] = [[]];
  for (const alternatives of spelling) {
    words = words.flatMap((word) => alternatives.map((byte) => [...word, byte]));
  }
  return words;
}

/**
 * The words of a language over code points as JSON.stringify writes them (and `\\/`), between the quotes: beyond ASCII that
 * is raw UTF-8 alone.
 * @throws LimitError `maxStates`
 */
export function stringifiedDfa(language: Dfa, limits: AutomatonLimits): Dfa {
  const edges: DfaEdge[][] = language.edges.map(() => []);
  let ascii = true;
  language.edges.forEach((list, state) => {
    const escapes = spellingTrie(
      list.flatMap((edge) =>
        ESCAPED.filter(([lo, hi]) => edge.lo <= hi && lo <= edge.hi).map((range) => clip(edge, range)),
      ),
    );
    const backslash = escapes.next.get(BACKSLASH);
    if (typeof backslash === 'object') {
      edges[state].push({ lo: BACKSLASH, hi: BACKSLASH, to: spell(edges, backslash) });
    }
    for (const edge of list) {
      edges[state].push(
        ...RAW.filter(([lo, hi]) => edge.lo <= hi && lo <= edge.hi).map((range) => clip(edge, range)),
      );
      ascii &&= edge.hi <= LAST;
    }
    edges[state].sort((x, y) => x.lo - y.lo);
  });
  const raw = minimize({ edges, accept: edges.map((_, state) => language.accept[state] ?? 0) });
  return ascii ? raw : utf8Dfa(raw, limits);
}

/** Code points that take a backslash (`/` may), and those that stand for themselves. */
const ESCAPED = [
  [0, 0x1f],
  [QUOTE, QUOTE],
  [SLASH, SLASH],
  [BACKSLASH, BACKSLASH],
] as const;
const RAW = [
  [FIRST, QUOTE - 1],
  [QUOTE + 1, BACKSLASH - 1],
  [BACKSLASH + 1, MAX_CODE_POINT],
] as const;

function clip({ lo, hi, to }: DfaEdge, [first, last]: readonly [number, number]): DfaEdge {
  return { lo: Math.max(lo, first), hi: Math.min(hi, last), to };
}

/** Writes a trie as states after `edges`; returns that of its root. */
function spell(edges: DfaEdge[][], trie: SpellingTrie): number {
  const state = edges.push([]) - 1;
  const known = new Map<SpellingTrie, number>();
  for (const [byte, next] of [...trie.next].sort((x, y) => x[0] - y[0])) {
    let to = typeof next === 'number' ? next : known.get(next);
    if (to === undefined) {
      to = spell(edges, next as SpellingTrie);
      known.set(next as SpellingTrie, to);
    }
    edges[state].push({ lo: byte, hi: byte, to });
  }
  return state;
}
