// White space between JSON tokens: none, or a bounded run, so that a model cannot write blank lines for ever.
import { repeatDfa, symbolsDfa } from '../../automata/index.js';
import { EMPTY, type Node, quiet } from '../../grammar/index.js';

/** `compact`: none; `flexible`: bounded runs of JSON white space between tokens. */
export type WhitespacePolicy = 'compact' | 'flexible';

const JSON_SPACE = symbolsDfa([
  [0x09, 0x0a],
  [0x0d, 0x0d],
  [0x20, 0x20],
]);

/** The node made last: nearly every schema asks for the same. */
let last: { readonly bytes: number; readonly node: Node } | undefined;

/** The node between two tokens: at most `maxWhitespace` bytes of space, tab, line feed and carriage return. */
export function whitespaceNode(policy: WhitespacePolicy, maxWhitespace: number): Node {
  if (policy === 'compact') return EMPTY;
  if (last?.bytes !== maxWhitespace) {
    last = { bytes: maxWhitespace, node: quiet(repeatDfa(JSON_SPACE, 0, maxWhitespace)) };
  }
  return last.node;
}
