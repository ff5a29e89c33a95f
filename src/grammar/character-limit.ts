// At most so many characters of a regular language, whatever the number: they are counted in a frame's register.
import { codePointsDfa, type Dfa, type Intervals, symbolsDfa, utf8Dfa } from '../automata/index.js';
import { EMPTY, type GrammarBuilder, NEVER, op, regular, scope, sequence } from './builder.js';
import type { Node } from './ir.js';
import { choiceOf } from './lists.js';

/**
 * The words of `dfa`, a language in UTF-8, with at most `max` code points. As large as the automaton. A character is
 * counted before it is read, and only where the rest of some word still fits.
 */
export function limitCharacters(builder: GrammarBuilder, name: string, dfa: Dfa, max: number): Node {
  const characters = codePointsDfa(dfa);
  const needed = charactersToAccept(characters);
  if (needed[0] > max) return NEVER;
  const rules = characters.edges.map((_, state) => builder.declare(`${name}-${state}`));
  characters.edges.forEach((edges, state) => {
    const options: Node[] = characters.accept[state] ? [EMPTY] : [];
    for (const target of new Set(edges.map(({ to }) => to))) {
      const limit = max - needed[target];
      if (limit <= 0) continue;
      const set: Intervals = edges.filter(({ to }) => to === target).map(({ lo, hi }) => [lo, hi] as const);
      const character = regular(utf8Dfa(symbolsDfa(set)));
      options.push(sequence(op({ kind: 'count', limit }), character, rules[target]));
    }
    builder.define(rules[state], choiceOf(options));
  });
  return scope(rules[0]);
}

/** For each state the length of the shortest word from it, by breadth-first search backwards. */
function charactersToAccept({ edges, accept }: Dfa): number[] {
  const sources: number[][] = edges.map(() => []);
  edges.forEach((list, state) => {
    for (const { to } of list) sources[to].push(state);
  });
  const needed = new Array<number>(edges.length).fill(Number.POSITIVE_INFINITY);
  const queue = [...accept.keys()].filter((state) => accept[state]);
  for (const state of queue) needed[state] = 0;
  for (let at = 0; at < queue.length; at++)
    for (const source of sources[queue[at]])
      if (needed[source] === Number.POSITIVE_INFINITY) {
        needed[source] = needed[queue[at]] + 1;
        queue.push(source);
      }
  return needed;
}
