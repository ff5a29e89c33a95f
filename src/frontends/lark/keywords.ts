// Strings that a regular expression matches too: Lark takes the token as the expression's first and then as the string's
// when its text is that, so `if` is no name and `iffy` is.
import { FREE, type Keyword, type TokenAutomaton } from '../../automata/index.js';
import type { NamedTerminal } from './trial-order.js';

/** `terminals` in order of trial; the numbers in the result are their places. */
export function keywordsOf(terminals: readonly NamedTerminal[]): Keyword[] {
  const encoder = new TextEncoder();
  const strings = terminals.flatMap(({ text, priority }, becomes) =>
    text?.kind === 'string'
      ? [{ becomes, priority, flags: text.flags, bytes: encoder.encode(text.value) }]
      : [],
  );
  return terminals.flatMap(({ text, priority, automaton }, of) => {
    if (text?.kind !== 'regex') return [];
    return strings
      .filter((string) => string.priority === priority && matchesWhole(automaton, string.bytes))
      .map(({ becomes, flags }) => ({
        of,
        becomes,
        embedded: [...flags].every((flag) => text.flags.includes(flag)),
      }));
  });
}

/** Whether the terminal matches the whole text when nothing follows. */
function matchesWhole(automaton: TokenAutomaton, text: Uint8Array): boolean {
  const { next, classOf, classCount, ends, endStart, holdsAtEnd, runCount } = automaton;
  let state = 0;
  for (const byte of text) {
    state = next[state * classCount + classOf[byte]];
    if (state < 0) return false;
  }
  return ends
    .subarray(endStart[state], endStart[state + 1])
    .some((shadow) => shadow === FREE || holdsAtEnd[shadow - runCount] === 1);
}
