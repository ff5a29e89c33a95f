// Door of the matcher room.
export { emptyLexemes, type LexemeTable } from '../masks/index.js';
export { DEFAULT_FORCED_BYTES, type ForcingMatcher, forcedTokens } from './forced-tokens.js';
export { Matcher, MatcherFactory, type MatcherOptions } from './matcher.js';
export { type NamedVocabulary, packTokenSets, resolveTokenSets } from './token-sets.js';
