// Questions about a DFA in canonical form.
import type { Dfa } from './dfa.js';
import { FLAT_WORDS, type FlatDfa, flatOf, sameFlat } from './flat.js';
import type { AutomatonLimits } from './limits.js';
import { noted } from './notes.js';
import { differenceDfa } from './operations.js';

export function isEmptyLanguage(a: Dfa): boolean {
  return a.accept.length === 1 && a.accept[0] === 0 && a.edges[0].length === 0;
}

export function acceptsEmpty(a: Dfa): boolean {
  return a.accept[0] === 1;
}

/** The state after the symbol, or -1. */
export function nextState(a: Dfa, state: number, symbol: number): number {
  return nextIn(flatOf(a), state, symbol);
}

function nextIn({ edgeStart, edges }: FlatDfa, state: number, symbol: number): number {
  let low = edgeStart[state];
  let high = edgeStart[state + 1] - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (symbol < edges[middle * FLAT_WORDS]) high = middle - 1;
    else if (symbol > edges[middle * FLAT_WORDS + 1]) low = middle + 1;
    else return edges[middle * FLAT_WORDS + 2];
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

/** Whether the code points of a text are a word; a lone surrogate counts as one. */
export function acceptsText(a: Dfa, text: string): boolean {
  const flat = flatOf(a);
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    const symbol = text.codePointAt(at)!;
    if (symbol > 0xffff) at++;
    state = nextIn(flat, state, symbol);
    if (state < 0) return false;
  }
  return a.accept[state] === 1;
}

/** A name of the language: equal for two automata exactly when their languages are equal. */
export const dfaKey = noted((a: Dfa): string => {
  const { edgeStart, edges, accept } = flatOf(a);
  return `${accept.join('')};${edgeStart.join()};${edges.join()}`;
});

export function sameLanguage(a: Dfa, b: Dfa): boolean {
  return a === b || sameFlat(flatOf(a), flatOf(b));
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
export const isFiniteLanguage = noted(isAcyclic);

function isAcyclic(a: Dfa): boolean {
  const { edgeStart, edges, accept } = flatOf(a);
  const missing = new Int32Array(accept.length);
  for (let at = 2; at < edges.length; at += FLAT_WORDS) missing[edges[at]]++;
  if (missing[0] > 0) return false;
  const order = [0];
  for (const state of order)
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++) {
      const to = edges[edge * FLAT_WORDS + 2];
      if (--missing[to] === 0) order.push(to);
    }
  return order.length === accept.length;
}
