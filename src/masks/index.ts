// Door of the masks room: token masks of automaton states.
export { emptyLexemes, LexemeTable, lexemeTableOf, MAX_LEXEME_BYTES } from './lexeme-table.js';
export { type MaskCounts, Masks } from './masks.js';
export { maskWords, walkMask } from './walk.js';
