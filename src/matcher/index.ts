// Door of the matcher room.
export { Matcher, MatcherFactory } from './matcher.js';
export { type NamedVocabulary, packTokenSets, resolveTokenSets } from './token-sets.js';
