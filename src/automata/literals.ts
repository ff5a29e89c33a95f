// The automaton of a list of words, minimal as it grows: words come sorted, and a state is shared with an equal one as soon
// as no later word can reach it (Daciuk, Mihov, Watson & Watson 2000), so a large enum never exists as a trie.
import type { Dfa } from './dfa.js';
import { FlatBuilder, type FlatDfa, flatOf } from './flat.js';
import { NO_LANGUAGE, renumberedView, renumberFlat } from './minimize.js';
import { WordLists } from './word-lists.js';

/** A state on the path of the word read last; its last edge leads to the next state of the path. */
interface OpenState {
  accept: 0 | 1;
  /** Number of edges; the lists may be longer. */
  edges: number;
  readonly symbols: number[];
  readonly targets: number[];
}

type Word = ArrayLike<number>;

/** Exactly these words. */
export function literalsDfa(list: Iterable<Iterable<number>>): Dfa {
  return renumberFlat(sharedTails(list));
}

/** {@link literalsDfa} of some words, to be read before another automaton is made. */
export function literalsView(list: Iterable<Iterable<number>>): FlatDfa {
  return renumberedView(sharedTails(list)) ?? flatOf(NO_LANGUAGE);
}

function sharedTails(list: Iterable<Iterable<number>>): FlatDfa {
  const words: Word[] = [];
  for (const word of list) words.push(Array.isArray(word) || word instanceof Uint8Array ? word : [...word]);
  if (words.length > 1) words.sort(compareWords);
  const states = new SharedStates();
  const path = new Path(states);
  let before: Word = [];
  for (const word of words) {
    let common = 0;
    while (common < before.length && common < word.length && before[common] === word[common]) common++;
    path.close(common);
    for (let at = common; at < word.length; at++) path.open(word[at]);
    path.last.accept = 1;
    before = word;
  }
  path.close(0);
  return states.withStart(path.last);
}

/** For one path after the other. */
const openStates: OpenState[] = [];

/** The states of the word read last; those behind `length` wait to be used again. */
class Path {
  readonly #shared: SharedStates;
  #length = 0;

  constructor(shared: SharedStates) {
    this.#shared = shared;
    if (openStates.length > MAX_OPEN) openStates.length = 0;
    this.#begin(0);
  }

  get last(): OpenState {
    return openStates[this.#length];
  }

  /** One symbol further. */
  open(symbol: number): void {
    const { last } = this;
    last.symbols[last.edges++] = symbol;
    this.#begin(++this.#length);
  }

  /** Closes the states beyond `length`. */
  close(length: number): void {
    while (this.#length > length) {
      const closed = this.#shared.close(this.last);
      this.#length--;
      this.last.targets[this.last.edges - 1] = closed;
    }
  }

  #begin(at: number): void {
    const state = openStates[at];
    if (!state) openStates.push({ accept: 0, edges: 0, symbols: [], targets: [] });
    else {
      state.accept = 0;
      state.edges = 0;
    }
  }
}

/** Open states that are kept from one list of words to the next. */
const MAX_OPEN = 1000;

function compareWords(a: Word, b: Word): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** For one list of words after the other. */
const sharedLists = new WordLists(64);
const sharedBuilder = new FlatBuilder();

/** Closed states, each language once: whether they accept, then symbol and target of each edge. */
class SharedStates {
  readonly #lists = sharedLists;

  constructor() {
    this.#lists.clear();
  }

  /** The number of the state with this content. */
  close({ accept, edges, symbols, targets }: OpenState): number {
    const lists = this.#lists;
    lists.put(accept);
    for (let i = 0; i < edges; i++) {
      lists.put(symbols[i]);
      lists.put(targets[i]);
    }
    return lists.end();
  }

  /** The automaton with `start` as state 0 and the closed states behind it, to be read before the next one is made. */
  withStart({ accept, edges, symbols, targets }: OpenState): FlatDfa {
    const { words, starts, count } = this.#lists;
    const builder = sharedBuilder.clear();
    for (let i = 0; i < edges; i++) builder.edge(symbols[i], symbols[i], targets[i] + 1);
    builder.close();
    const accepts = new Uint8Array(count + 1);
    accepts[0] = accept;
    for (let state = 0; state < count; state++) {
      accepts[state + 1] = words[starts[state]];
      for (let at = starts[state] + 1; at < starts[state + 1]; at += 2)
        builder.edge(words[at], words[at], words[at + 1] + 1);
      builder.close();
    }
    return builder.view(accepts);
  }
}
