// A language together with length bounds, without their product: a rule for each state of the language's automaton, and a
// counter of characters in a scope around them. A character is counted before it is read, and only while the state after it
// can still be left for the end of a word of allowed length, so that no count leads into a dead end.
import { type Dfa, FLAT_WORDS, flatOf, type Intervals, symbolsDfa } from '../../automata/index.js';
import {
  choice,
  EMPTY,
  type GrammarBuilder,
  NEVER,
  type Node,
  op,
  regular,
  scope,
  sequence,
} from '../../grammar/index.js';
import type { CountBounds } from './string-lengths.js';

/** The node of the language's words of allowed length. `spell` gives the spellings of a language of single characters. */
export function countedStrings(
  language: Dfa,
  bounds: CountBounds,
  min: number,
  max: number,
  spell: (characters: Dfa) => Dfa,
  builder: GrammarBuilder,
): Node {
  const { edgeStart, edges, accept } = flatOf(language);
  const states: ReturnType<GrammarBuilder['declare']>[] = [];
  for (let state = 0; state < accept.length; state++) states.push(builder.declare(`string ${state}`));
  const lexemes = new CharacterLexemes(spell);
  for (let state = 0; state < accept.length; state++) {
    const options: Node[] = [];
    if (accept[state]) options.push(min > 0 ? op({ kind: 'atLeast', min }) : EMPTY);
    for (const [to, set] of byTarget(edges, edgeStart[state], edgeStart[state + 1])) {
      const count = countInto(bounds, to, min, max);
      if (count !== NEVER) options.push(sequence(count, lexemes.of(set), states[to]));
    }
    builder.define(states[state], choice(...options));
  }
  return scope(states[0]);
}

/** Lexemes of sets of characters, each made once: most states read the same few. */
class CharacterLexemes {
  readonly #known = new Map<string, Node>();
  readonly #spell: (characters: Dfa) => Dfa;

  constructor(spell: (characters: Dfa) => Dfa) {
    this.#spell = spell;
  }

  of(set: Intervals): Node {
    const key = set.join(';');
    let lexeme = this.#known.get(key);
    if (!lexeme) {
      lexeme = regular(this.#spell(symbolsDfa(set)));
      this.#known.set(key, lexeme);
    }
    return lexeme;
  }
}

/** Counts one more character on the way into a state, where that leaves a word of allowed length. */
function countInto({ least, most }: CountBounds, to: number, min: number, max: number): Node {
  if (most[to] < 1) return NEVER;
  const count =
    max === Number.POSITIVE_INFINITY
      ? op({ kind: 'count', limit: min, saturates: true })
      : op({ kind: 'count', limit: most[to] });
  return least[to] > 0 ? sequence(count, op({ kind: 'atLeast', min: least[to] })) : count;
}

function byTarget(edges: Int32Array, from: number, end: number): Map<number, [number, number][]> {
  const targets = new Map<number, [number, number][]>();
  for (let at = from * FLAT_WORDS; at < end * FLAT_WORDS; at += FLAT_WORDS) {
    const set = targets.get(edges[at + 2]);
    if (set) set.push([edges[at], edges[at + 1]]);
    else targets.set(edges[at + 2], [[edges[at], edges[at + 1]]]);
  }
  return targets;
}
