// White space between JSON tokens: none, or a bounded run, so that a model cannot write blank lines for ever.
import { isEmptyLanguage, isSubset, repeatDfa, starDfa, symbolsDfa } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { EMPTY, type Node, quiet } from '../../grammar/index.js';
import { regexToDfa } from '../regex/index.js';

/**
 * `compact`: none; `flexible`: bounded runs of JSON white space between tokens; `pattern`: what the regular expression
 * matches in full, between every two tokens.
 */
export type WhitespacePolicy = 'compact' | 'flexible' | { readonly pattern: string };

const JSON_SPACE = symbolsDfa([
  [0x09, 0x0a],
  [0x0d, 0x0d],
  [0x20, 0x20],
]);
const ANY_SPACE = starDfa(JSON_SPACE);

/** The node made last: nearly every schema asks for the same. */
let last: { readonly bytes: number; readonly node: Node } | undefined;

/**
 * The node between two tokens: by default at most `maxWhitespace` bytes of space, tab, line feed and carriage return.
 * @throws CompileError `invalid_regex` for a pattern that matches anything but JSON white space, or nothing at all
 */
export function whitespaceNode(policy: WhitespacePolicy, maxWhitespace: number): Node {
  if (policy === 'compact') return EMPTY;
  if (policy !== 'flexible') return patternNode(policy.pattern);
  if (last?.bytes !== maxWhitespace) {
    last = { bytes: maxWhitespace, node: quiet(repeatDfa(JSON_SPACE, 0, maxWhitespace)) };
  }
  return last.node;
}

function patternNode(pattern: string): Node {
  const dfa = regexToDfa(pattern);
  if (isEmptyLanguage(dfa) || !isSubset(dfa, ANY_SPACE)) {
    throw new CompileError(
      'invalid_regex',
      `the white space between tokens may be spaces, tabs, line feeds and carriage returns, not all that ${JSON.stringify(pattern)} matches`,
    );
  }
  return quiet(dfa);
}
