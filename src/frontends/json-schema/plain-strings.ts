// One character in less than every spelling, as spelling.ts says: for the names of properties.
import { MAX_CODE_POINT, minimize, plainStringDfa, symbolsDfa } from '../../automata/index.js';

/** One character, spelled plainly. */
export const PLAIN_CHARACTER = minimize(plainStringDfa(symbolsDfa([[0, MAX_CODE_POINT]])));
