// The automaton of a list of words, minimal as it grows: words come sorted, and a state is shared with an equal one as soon
// as no later word can reach it (Daciuk, Mihov, Watson & Watson 2000), so a large enum never exists as a trie.
import type { Dfa, DfaEdge } from './dfa.js';
import { minimize } from './minimize.js';

/** A state on the path of the word read last; its last edge leads to the next state of the path. */
interface OpenState {
  accept: 0 | 1;
  readonly symbols: number[];
  readonly targets: number[];
}

/** Exactly these words. */
export function literalsDfa(list: Iterable<Iterable<number>>): Dfa {
  const words = Array.from(list, (word) => Uint32Array.from(word)).sort(compareWords);
  const states = new SharedStates();
  const path: OpenState[] = [openState()];
  /** Closes the states of the path beyond `length`. */
  const close = (length: number) => {
    while (path.length > length + 1) {
      const closed = states.close(path.pop()!);
      path[path.length - 1].targets.push(closed);
    }
  };
  let before = new Uint32Array();
  for (const word of words) {
    let common = 0;
    while (common < before.length && common < word.length && before[common] === word[common]) common++;
    close(common);
    for (let at = common; at < word.length; at++) {
      path[path.length - 1].symbols.push(word[at]);
      path.push(openState());
    }
    path[path.length - 1].accept = 1;
    before = word;
  }
  close(0);
  return minimize(states.withStart(path[0]));
}

function openState(): OpenState {
  return { accept: 0, symbols: [], targets: [] };
}

function compareWords(a: Uint32Array, b: Uint32Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** Closed states, each language once. State 0 is left for the start. */
class SharedStates {
  readonly #edges: DfaEdge[][] = [[]];
  readonly #accept: number[] = [0];
  /** States with one edge, by target, symbol and acceptance: nearly all of them. */
  readonly #single = new Map<number, number>();
  readonly #others = new Map<string, number>();

  close({ accept, symbols, targets }: OpenState): number {
    if (symbols.length === 1) {
      const key = (targets[0] * 0x110000 + symbols[0]) * 2 + accept;
      let state = this.#single.get(key);
      if (state === undefined) {
        state = this.#add(accept, symbols, targets);
        this.#single.set(key, state);
      }
      return state;
    }
    const key = `${accept};${symbols.join()};${targets.join()}`;
    let state = this.#others.get(key);
    if (state === undefined) {
      state = this.#add(accept, symbols, targets);
      this.#others.set(key, state);
    }
    return state;
  }

  #add(accept: number, symbols: readonly number[], targets: readonly number[]): number {
    this.#accept.push(accept);
    return this.#edges.push(symbols.map((symbol, i) => ({ lo: symbol, hi: symbol, to: targets[i] }))) - 1;
  }

  withStart({ accept, symbols, targets }: OpenState) {
    this.#accept[0] = accept;
    this.#edges[0] = symbols.map((symbol, i) => ({ lo: symbol, hi: symbol, to: targets[i] }));
    return { edges: this.#edges, accept: this.#accept };
  }
}
