// Languages spelled plainly, as spelling.ts says: printable ASCII as JSON.stringify writes it, the rest in every way.
// A fraction of the states that every spelling of every character takes; used for formats and for names of properties.
import {
  type AutomatonLimits,
  type Dfa,
  type DfaEdge,
  differenceDfa,
  intersectDfa,
  jsonStringDfa,
  literalsDfa,
  MAX_CODE_POINT,
  minimize,
  starDfa,
  symbolsDfa,
} from '../../automata/index.js';
import { escapeSpelling, type Spelling } from './spelling.js';

const [FIRST, LAST] = [0x20, 0x7e];
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
/** Printable ASCII that is written with a backslash; `/` may be. */
const ESCAPED = [0x22, SLASH, BACKSLASH];

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

/** The plain spellings of a language over code points, between the quotes. @throws LimitError `maxStates` */
export function plainSpellingsDfa(language: Dfa, limits: AutomatonLimits): Dfa {
  const printable = language.edges.every((edges) => edges.every(({ lo, hi }) => lo >= FIRST && hi <= LAST));
  if (!printable) return intersectDfa(jsonStringDfa(language, limits), starDfa(PLAIN_CHARACTER), limits);
  const edges: DfaEdge[][] = language.edges.map(() => []);
  language.edges.forEach((list, state) => {
    const escapes = list.flatMap(({ lo, hi, to }) =>
      ESCAPED.filter((byte) => lo <= byte && byte <= hi).map((byte) => ({ lo: byte, hi: byte, to })),
    );
    if (escapes.length > 0) {
      edges[state].push({ lo: BACKSLASH, hi: BACKSLASH, to: edges.push(escapes) - 1 });
    }
    for (const edge of list) edges[state].push(...unescaped(edge));
    edges[state].sort((a, b) => a.lo - b.lo);
  });
  return minimize({ edges, accept: edges.map((_, state) => language.accept[state] ?? 0) });
}

/** The parts of an edge that need no backslash. */
function unescaped({ lo, hi, to }: DfaEdge): DfaEdge[] {
  const parts: DfaEdge[] = [];
  let from = lo;
  for (const byte of ESCAPED) {
    if (byte === SLASH || byte < from || byte > hi) continue;
    if (from < byte) parts.push({ lo: from, hi: byte - 1, to });
    from = byte + 1;
  }
  if (from <= hi) parts.push({ lo: from, hi, to });
  return parts;
}
