// The plain language of a pattern without looks, as a DFA over bytes: any match counts, whatever is tried first.
import { type Dfa, MAX_BYTE, NfaBuilder, symbolsDfa, utf8Dfa } from '../../../automata/index.js';
import { type Pattern, widthOf } from './ast.js';

/** All texts that begin with a word of the pattern. */
export function languageThenAny(pattern: Pattern): Dfa {
  const nfa = new NfaBuilder();
  const start = nfa.state();
  const end = build(nfa, pattern, start);
  nfa.epsilon(end, nfa.universal(MAX_BYTE));
  return nfa.toDfa(start, []);
}

/** All texts that end with a word of the pattern, and how many characters that word has. */
export function anyThen(pattern: Pattern): { readonly dfa: Dfa; readonly width: number } {
  const nfa = new NfaBuilder();
  const start = nfa.state();
  nfa.edge(start, 0, MAX_BYTE, start);
  const first = nfa.state();
  nfa.epsilon(start, first);
  const end = build(nfa, pattern, first);
  return { dfa: nfa.toDfa(start, [end]), width: widthOf(pattern).max };
}

/** Adds the pattern's automaton behind a state that no edge of its own leaves; returns the state after it. */
function build(nfa: NfaBuilder, pattern: Pattern, from: number): number {
  switch (pattern.kind) {
    case 'set': {
      const { start, accepting } = nfa.embed(utf8Dfa(symbolsDfa(pattern.set)));
      nfa.epsilon(from, start);
      return joined(nfa, accepting);
    }
    case 'sequence':
      return pattern.items.reduce((at, item) => build(nfa, item, at), from);
    case 'choice':
      return joined(
        nfa,
        pattern.options.map((option) => {
          const branch = nfa.state();
          nfa.epsilon(from, branch);
          return build(nfa, option, branch);
        }),
      );
    case 'repeat': {
      let at = from;
      for (let copy = 0; copy < pattern.min; copy++) at = build(nfa, pattern.item, at);
      const end = nfa.state();
      if (pattern.max === Number.POSITIVE_INFINITY) {
        const loop = nfa.state();
        nfa.epsilon(at, loop);
        nfa.epsilon(loop, end);
        nfa.epsilon(build(nfa, pattern.item, loop), loop);
        return end;
      }
      for (let copy = pattern.min; copy < pattern.max; copy++) {
        nfa.epsilon(at, end);
        at = build(nfa, pattern.item, at);
      }
      nfa.epsilon(at, end);
      return end;
    }
    default:
      throw new Error('a pattern with looks has no plain language');
  }
}

function joined(nfa: NfaBuilder, ends: readonly number[]): number {
  const end = nfa.state();
  for (const state of ends) nfa.epsilon(state, end);
  return end;
}
