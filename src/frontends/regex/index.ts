// Door of the regex front end: ECMAScript patterns to automata over code points, and to grammars.
import { type AutomatonLimits, type Dfa, utf8Dfa } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { type Grammar, regular } from '../../grammar/index.js';
import { hasAssertion, type RegexNode } from './ast.js';
import { determinize } from './determinize.js';
import { withLeadingLooks } from './leading-looks.js';
import { listedWords } from './listed-words.js';
import { type ParseOptions, parseRegex } from './parse.js';
import { positionAutomaton } from './positions.js';

export { closeUnderCase } from './case-folding.js';
export { propertySet } from './classes.js';
export type { RegexSyntax } from './parse.js';

export interface RegexOptions extends AutomatonLimits, ParseOptions {}

/**
 * The whole strings that the pattern fully matches, as a language of code points: those that `^(?:pattern)$` matches.
 * @throws CompileError `invalid_regex`, `unsupported_regex`
 * @throws LimitError `maxStates`, `maxPatternLength`, `maxPatternDepth`
 */
export function regexToDfa(pattern: string, options?: RegexOptions): Dfa {
  return determinize(positionAutomaton(parseRegex(pattern, options), false, options), options);
}

/**
 * As {@link regexToDfa}, of a pattern that means the same wherever in a text it is tried.
 * @throws CompileError `unsupported_regex` also on anchors, word boundaries and lookaround
 */
export function regexAnywhereDfa(pattern: string, options?: RegexOptions): Dfa {
  const node = parseRegex(pattern, options);
  if (hasAssertion(node))
    throw new CompileError(
      'unsupported_regex',
      'anchors, word boundaries and lookaround are not supported here: they ask what stands around the match',
    );
  return determinize(positionAutomaton(node, false, options), options);
}

/**
 * The whole strings in which the pattern finds a match somewhere, as JSON Schema's `pattern` asks; a language of code
 * points.
 * @throws CompileError `invalid_regex`, `unsupported_regex`
 * @throws LimitError `maxStates`, `maxPatternLength`, `maxPatternDepth`
 */
export function regexSearchDfa(pattern: string, options?: RegexOptions): Dfa {
  const listed = hasDefaults(options) ? listedWords(pattern, options?.maxStates) : undefined;
  if (listed) return listed;
  const search = (node: RegexNode) => determinize(positionAutomaton(node, true, options), options);
  return withLeadingLooks(parseRegex(pattern, options), search, options);
}

/** Whether a pattern of moderate length is read as it stands. */
function hasDefaults({ flags, maxPatternLength, maxPatternDepth }: RegexOptions = {}): boolean {
  return (flags ?? maxPatternLength ?? maxPatternDepth) === undefined;
}

/**
 * The grammar of the strings that the pattern fully matches, in UTF-8.
 * @throws CompileError `invalid_regex`, `unsupported_regex`
 * @throws LimitError `maxStates`, `maxPatternLength`, `maxPatternDepth`
 */
export function regexGrammar(pattern: string, options?: RegexOptions): Grammar {
  return { rules: [], start: regular(utf8Dfa(regexToDfa(pattern, options), options)) };
}
