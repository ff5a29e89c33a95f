// Door of the patterns of terminals.
export { holdsLook, type Look, NOTHING, type Pattern, widthOf } from './ast.js';
export { tokenAutomaton } from './determinize.js';
export { automatonOfLanguage, automatonOfWords } from './language-automaton.js';
export { orderedNfa } from './nfa.js';
export { type PatternOptions, parsePattern } from './parser.js';
export type { RegexDialect } from './sets.js';
