// Questions about a DFA in canonical form.
import type { Dfa } from './dfa.js';
import type { AutomatonLimits } from './limits.js';
import { differenceDfa } from './operations.js';

export function isEmptyLanguage(a: Dfa): boolean {
  return a.edges.length === 1 && a.edges[0].length === 0 && a.accept[0] === 0;
}

export function acceptsEmpty(a: Dfa): boolean {
  return a.accept[0] === 1;
}

/** The state after the symbol, or -1. */
export function nextState(a: Dfa, state: number, symbol: number): number {
  const list = a.edges[state];
  let low = 0;
  let high = list.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (symbol < list[middle].lo) high = middle - 1;
    else if (symbol > list[middle].hi) low = middle + 1;
    else return list[middle].to;
  }
  return -1;
}

export function acceptsSymbols(a: Dfa, symbols: Iterable<number>): boolean {
  let state = 0;
  for (const symbol of symbols) {
    state = nextState(a, state, symbol);
    if (state < 0) return false;
  }
  return a.accept[state] === 1;
}

const keys = new WeakMap<Dfa, string>();

/** A name of the language: equal for two automata exactly when their languages are equal. */
export function dfaKey(a: Dfa): string {
  let key = keys.get(a);
  if (key === undefined) {
    key = a.edges
      .map((list, s) => `${a.accept[s]}${list.map(({ lo, hi, to }) => `${lo}-${hi}>${to}`).join()}`)
      .join(';');
    keys.set(a, key);
  }
  return key;
}

export function sameLanguage(a: Dfa, b: Dfa): boolean {
  return a === b || dfaKey(a) === dfaKey(b);
}

/** Whether `b` accepts all that `a` accepts. @throws LimitError `maxStates` */
export function isSubset(a: Dfa, b: Dfa, limits?: AutomatonLimits): boolean {
  return isEmptyLanguage(differenceDfa(a, b, limits));
}

/** A shortest accepted word, undefined for the empty language. */
export function shortestWord(a: Dfa): number[] | undefined {
  const from = new Map<number, { readonly state: number; readonly symbol: number }>();
  const order = [0];
  for (const state of order) {
    if (a.accept[state]) {
      const word: number[] = [];
      for (let at = state, step = from.get(at); step; step = from.get(at)) {
        word.push(step.symbol);
        at = step.state;
      }
      return word.reverse();
    }
    for (const { lo, to } of a.edges[state])
      if (to !== 0 && !from.has(to)) {
        from.set(to, { state, symbol: lo });
        order.push(to);
      }
  }
  return undefined;
}

/** Whether the language has finitely many words: a trimmed automaton without a cycle. */
export function isFiniteLanguage(a: Dfa): boolean {
  const missing = new Int32Array(a.edges.length);
  for (const list of a.edges) for (const { to } of list) missing[to]++;
  const order: number[] = missing[0] === 0 ? [0] : [];
  for (const state of order) for (const { to } of a.edges[state]) if (--missing[to] === 0) order.push(to);
  return order.length === a.edges.length;
}
