// A terminal's automaton from its plain language: a token may end wherever a word does, and a longer word is another end.
import { BAD, DEAD, type Dfa, FREE, nextState, type TokenAutomaton } from '../../../automata/index.js';
import { byteClasses, edgeStarts } from './byte-classes.js';
import { minimizeToken, type RawState } from './minimize-token.js';

/** The condition at a state, as `block` and at an end, is that no longer word follows. */
export function automatonOfLanguage(dfa: Dfa): TokenAutomaton {
  const { classOf, bytes } = byteClasses(edgeStarts(dfa.edges));
  const shadow = (state: number) => (dfa.edges[state].length === 0 ? FREE : state);
  const runs = dfa.edges.map(
    (_, state): RawState => ({
      next: bytes.map((byte) => nextState(dfa, state, byte)),
      ends: dfa.accept[state] ? [shadow(state)] : [],
      block: shadow(state),
      holdsAtEnd: false,
    }),
  );
  const shadows = dfa.edges.map(
    (_, state): RawState => ({
      next: bytes.map((byte) => {
        const to = nextState(dfa, state, byte);
        return to < 0 ? DEAD : dfa.accept[to] ? BAD : shadow(to);
      }),
      ends: [],
      block: FREE,
      holdsAtEnd: true,
    }),
  );
  return minimizeToken(runs, shadows, classOf, bytes.length, true);
}

/** A token may end wherever a word does, whatever follows. */
export function automatonOfWords(dfa: Dfa): TokenAutomaton {
  const { classOf, bytes } = byteClasses(edgeStarts(dfa.edges));
  const runs = dfa.edges.map(
    (_, state): RawState => ({
      next: bytes.map((byte) => nextState(dfa, state, byte)),
      ends: dfa.accept[state] ? [FREE] : [],
      block: FREE,
      holdsAtEnd: false,
    }),
  );
  return minimizeToken(runs, [], classOf, bytes.length, true);
}
