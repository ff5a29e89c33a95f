// One character in less than every spelling, as spelling.ts says: for the names of properties.
import {
  differenceDfa,
  jsonStringDfa,
  literalsDfa,
  MAX_CODE_POINT,
  symbolsDfa,
} from '../../automata/index.js';
import { escapeSpelling, type Spelling } from './spelling.js';

const [FIRST, LAST] = [0x20, 0x7e];

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
