// Door of the automata room.

export { ascending } from './ascending.js';
export type { ByteMachine, ByteState } from './byte-machine.js';
export type { ClassedAutomaton } from './classed-automaton.js';
export type { Configuration, ConfigurationSet } from './configuration-set.js';
export { checkDeadline, withDeadline } from './deadline.js';
export { type Dfa, type DfaEdge, MAX_BYTE, MAX_CODE_POINT } from './dfa.js';
export { EDGE_WORDS, EdgeKind, hasOperand, MAX_BITS, PACKED_WORDS, packedWord, readsByte } from './edges.js';
export { completedLabel, RESERVE } from './encoded-label.js';
export { dfaOf, FLAT_WORDS, FlatBuilder, type FlatDfa, flatOf, laterDfa, sameFlat } from './flat.js';
export {
  complementIntervals,
  type Intervals,
  intersectIntervals,
  normalizeIntervals,
  unionIntervals,
} from './intervals.js';
export { jsonStringDfa, plainStringDfa, stringifiedDfa } from './json-string.js';
export {
  encodeLexed,
  type Indentation,
  isLexedImage,
  type Keyword,
  type LexedGrammar,
  LexerMode,
  MAX_RAW_SYMBOLS,
  MAX_SYMBOLS,
  openLexed,
  symbolBytes,
} from './lexed-image.js';
export { LexedMachine, type LexedSet } from './lexed-machine.js';
export { type AutomatonLimits, checkStates, DEFAULT_MAX_STATES, DEFAULT_MAX_SUBSET_STEPS } from './limits.js';
export { literalsDfa, literalsView } from './literals.js';
export { Machine, type MachineOptions } from './machine.js';
export { minimize, minimizeFlat, NO_LANGUAGE, type RawDfa, renumber, renumberFlat } from './minimize.js';
export { mix } from './mix.js';
export { NfaBuilder } from './nfa.js';
export { DfaNote, noted } from './notes.js';
export {
  complementDfa,
  concatDfa,
  differenceDfa,
  EMPTY_STRING,
  intersectDfa,
  literalDfa,
  repeatDfa,
  shortestMatches,
  starDfa,
  symbolsDfa,
  unionDfa,
  unionOfAll,
  withoutEmpty,
} from './operations.js';
export {
  ACCEPT_STATE,
  contentHash,
  encodePda,
  imageHash,
  openPda,
  PackedPda,
  type Pda,
  type TokenSet,
  tokenSetsOf,
} from './pda.js';
export {
  acceptsEmpty,
  acceptsSymbols,
  acceptsText,
  dfaKey,
  isEmptyLanguage,
  isFiniteLanguage,
  isSubset,
  nextState,
  sameLanguage,
  shortestWord,
} from './queries.js';
export { Scratch } from './scratch.js';
export type { StackSet } from './stacks.js';
export { mayPassCheck, passesCheck, type TextCheck } from './text-checks.js';
export { BAD, DEAD, FREE, type TokenAutomaton } from './token-automaton.js';
export { isUnlikeKnown, tracksNewValues } from './tracks.js';
export { utf8Dfa } from './utf8.js';
export { codePointsDfa } from './utf8-decode.js';
export { WordLists } from './word-lists.js';
