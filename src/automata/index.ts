// Door of the automata room.
export { type Dfa, type DfaEdge, MAX_BYTE, MAX_CODE_POINT } from './dfa.js';
export { type ConfigurationSet, Machine, type MachineOptions } from './machine.js';
export { ACCEPT_STATE, EDGE_WORDS, EdgeKind, encodePda, imageHash, openPda, type Pda } from './pda.js';
