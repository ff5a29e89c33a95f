// Door of the automata room.
export { type Dfa, type DfaEdge, MAX_BYTE, MAX_CODE_POINT } from './dfa.js';
