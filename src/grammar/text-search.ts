// Searching free text for several strings at once: the automaton of Aho and Corasick (Comm. ACM 18:6, 1975) over code
// points, from which free-text.ts makes lexemes and rules.
import type { Intervals } from '../automata/index.js';
import { complementIntervals, MAX_CODE_POINT, normalizeIntervals } from '../automata/index.js';
import { LimitError } from '../errors.js';

export interface FreeTextLimits {
  /** Most characters of all strings that free text is searched for, shared beginnings counted once; default 20,000. */
  readonly maxTriggerStates?: number;
  /** Most transitions of the search; default 2,000,000. */
  readonly maxTriggerTransitions?: number;
}

/** What was read so far, as far as the search is concerned: the longest end of it that begins one of the strings. */
export interface SearchState {
  /** How many characters that is. */
  readonly depth: number;
  /** The state one character before, when they were read in a row; of state 0, itself. */
  readonly parent: number;
  /** Indices of the strings that end here, the longest string's first. */
  readonly found: readonly number[];
  /** Where the characters lead that lead anywhere but to state 0. */
  readonly next: ReadonlyMap<number, number>;
}

/**
 * The states of a search for `strings` (none of them empty); state 0 is the start.
 * @throws LimitError `maxTriggerStates`, `maxTriggerTransitions`
 */
export function searchStates(strings: readonly string[], limits: FreeTextLimits = {}): SearchState[] {
  const { maxTriggerStates = 20_000, maxTriggerTransitions = 2_000_000 } = limits;
  const { children, ends } = trie(strings, maxTriggerStates);
  const states: { depth: number; parent: number; found: number[]; next: Map<number, number> }[] = [];
  const fallback: number[] = [0];
  const parents: number[] = [0];
  let transitions = 0;
  for (const state of breadthFirst(children)) {
    const behind = state === 0 ? undefined : states[fallback[state]];
    for (const [character, child] of children[state]) {
      fallback[child] = behind?.next.get(character) ?? 0;
      parents[child] = state;
    }
    const parent = parents[state];
    const depth = state === 0 ? 0 : states[parent].depth + 1;
    const next = new Map([...(behind?.next ?? []), ...children[state]]);
    states[state] = { depth, parent, found: [...ends[state], ...(behind?.found ?? [])], next };
    transitions += next.size;
    if (transitions > maxTriggerTransitions)
      throw new LimitError(
        'maxTriggerTransitions',
        maxTriggerTransitions,
        'free text is searched for too many strings',
      );
  }
  return states;
}

/** The characters by the state that they lead to, all of them. */
export function charactersByTarget({ next }: SearchState): Map<number, Intervals> {
  const single = new Map<number, [number, number][]>([[0, []]]);
  for (const [character, to] of next) {
    const list = single.get(to) ?? [];
    list.push([character, character]);
    single.set(to, list);
  }
  const listed = normalizeIntervals([...next.keys()].map((character) => [character, character] as const));
  const targets = new Map([...single].map(([to, list]) => [to, normalizeIntervals(list)]));
  return targets.set(0, complementIntervals(listed, MAX_CODE_POINT));
}

function trie(
  strings: readonly string[],
  maxStates: number,
): { children: Map<number, number>[]; ends: number[][] } {
  const children: Map<number, number>[] = [new Map()];
  const ends: number[][] = [[]];
  strings.forEach((string, index) => {
    let state = 0;
    for (const symbol of string) {
      const character = symbol.codePointAt(0)!;
      let child = children[state].get(character);
      if (child === undefined) {
        child = children.push(new Map()) - 1;
        if (child > maxStates)
          throw new LimitError('maxTriggerStates', maxStates, 'free text is searched for too many strings');
        ends.push([]);
        children[state].set(character, child);
      }
      state = child;
    }
    ends[state].push(index);
  });
  return { children, ends };
}

function* breadthFirst(children: readonly ReadonlyMap<number, number>[]): Generator<number> {
  const queue = [0];
  for (let at = 0; at < queue.length; at++) {
    yield queue[at];
    for (const child of children[queue[at]].values()) queue.push(child);
  }
}
