// Patterns and terminals as grammar nodes and as DFAs, by their plain language: any match counts. Large counts stay
// repetitions in a node; a DFA is built only where set operations ask for one.
import {
  type AutomatonLimits,
  complementDfa,
  concatDfa,
  type Dfa,
  EMPTY_STRING,
  intersectDfa,
  literalDfa,
  MAX_BYTE,
  minimize,
  NfaBuilder,
  NO_LANGUAGE,
  repeatDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { choiceOf, type Node, regular, repeat, sequenceOf } from '../../grammar/index.js';
import type { Pattern } from './pattern/index.js';

/** The pattern has no looks. */
export function patternNode(pattern: Pattern, limits: AutomatonLimits): Node {
  switch (pattern.kind) {
    case 'set':
      return regular(utf8Dfa(symbolsDfa(pattern.set), limits));
    case 'sequence':
      return sequenceOf(pattern.items.map((item) => patternNode(item, limits)));
    case 'choice':
      return choiceOf(pattern.options.map((option) => patternNode(option, limits)));
    case 'repeat':
      return repeat(patternNode(pattern.item, limits), pattern.min, pattern.max);
    default:
      throw new Error('a pattern with looks has no plain node');
  }
}

const known = new WeakMap<Node, Dfa>();

/** The DFA of a node without references. @throws LimitError `maxStates`, `maxSubsetSteps` */
export function dfaOf(node: Node, limits: AutomatonLimits): Dfa {
  const dfa = known.get(node) ?? computeDfa(node, limits);
  known.set(node, dfa);
  return dfa;
}

function computeDfa(node: Node, limits: AutomatonLimits): Dfa {
  switch (node.kind) {
    case 'empty':
      return EMPTY_STRING;
    case 'never':
      return NO_LANGUAGE;
    case 'bytes':
      return literalDfa(node.bytes);
    case 'regular':
      return node.dfa;
    case 'sequence':
      return node.items.map((item) => dfaOf(item, limits)).reduce((a, b) => concatDfa(a, b, limits));
    case 'choice': {
      const nfa = new NfaBuilder();
      const start = nfa.state();
      const ends: number[] = [];
      for (const option of node.options) {
        const part = nfa.embed(dfaOf(option, limits));
        nfa.epsilon(start, part.start);
        ends.push(...part.accepting);
      }
      return nfa.toDfa(start, ends, limits);
    }
    case 'repeat':
      return repeatDfa(dfaOf(node.item, limits), node.min, node.max, limits);
    default:
      throw new Error(`a terminal holds no ${node.kind}`);
  }
}

/** Words of all the parts. */
export function intersectAll(parts: readonly Dfa[], limits: AutomatonLimits): Dfa {
  return parts.reduce((a, b) => intersectDfa(a, b, limits));
}

/** All UTF-8 texts that are no words. */
export function complementText(dfa: Dfa, limits: AutomatonLimits): Dfa {
  const text = repeatDfa(utf8Dfa(symbolsDfa([[0, 0x10ffff]])), 0, Number.POSITIVE_INFINITY);
  return intersectDfa(text, complementDfa(dfa, MAX_BYTE, limits), limits);
}

/** The words that begin with no other word: what a lazy match stops at. */
export function shortestWords({ edges, accept }: Dfa): Dfa {
  return minimize({ edges: edges.map((list, state) => (accept[state] ? [] : list)), accept });
}
