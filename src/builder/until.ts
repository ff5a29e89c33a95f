// Free text up to a stop text, as an exact automaton: the words of "anything, then a stop" are made deterministic, so that each
// state knows how much of which stop has been seen (Aho & Corasick 1975), and then cut where a stop is complete.
import {
  type AutomatonLimits,
  type Dfa,
  literalsDfa,
  MAX_CODE_POINT,
  minimize,
  NfaBuilder,
  utf8Dfa,
} from '../automata/index.js';

/**
 * The UTF-8 texts without any of `stops`; with `include`, those that end with a stop and have none before.
 * @throws LimitError `maxStates`, `maxSubsetSteps`
 */
export function untilDfa(stops: readonly string[], include: boolean, limits?: AutomatonLimits): Dfa {
  const nfa = new NfaBuilder();
  const start = nfa.state();
  nfa.edge(start, 0, MAX_CODE_POINT, start);
  const words = nfa.embed(literalsDfa(stops.map(codePoints)));
  nfa.epsilon(start, words.start);
  const ended = nfa.toDfa(start, words.accepting, limits);
  const cut = {
    edges: ended.edges.map((edges, state) => {
      if (ended.accept[state]) return [];
      return include ? edges : edges.filter(({ to }) => !ended.accept[to]);
    }),
    accept: include ? ended.accept : ended.accept.map((accepts) => 1 - accepts),
  };
  return utf8Dfa(minimize(cut), limits);
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}
