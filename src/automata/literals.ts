// The automaton of a list of words, minimal as it grows: words come sorted, and a state is shared with an equal one as soon
// as no later word can reach it (Daciuk, Mihov, Watson & Watson 2000), so a large enum never exists as a trie.
import type { Dfa } from './dfa.js';
import { FlatBuilder, type FlatDfa } from './flat.js';
import { renumberFlat } from './minimize.js';
import { WordLists } from './word-lists.js';

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
  return renumberFlat(states.withStart(path[0]));
}

function openState(): OpenState {
  return { accept: 0, symbols: [], targets: [] };
}

function compareWords(a: Uint32Array, b: Uint32Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** Closed states, each language once: whether they accept, then symbol and target of each edge. */
class SharedStates {
  readonly #lists = new WordLists();

  /** The number of the state with this content. */
  close({ accept, symbols, targets }: OpenState): number {
    const lists = this.#lists;
    lists.put(accept);
    for (let i = 0; i < symbols.length; i++) {
      lists.put(symbols[i]);
      lists.put(targets[i]);
    }
    return lists.end();
  }

  /** The automaton with `start` as state 0 and the closed states behind it. */
  withStart({ accept, symbols, targets }: OpenState): FlatDfa {
    const { words, starts, count } = this.#lists;
    const builder = new FlatBuilder(count + 1, starts[count]);
    for (let i = 0; i < symbols.length; i++) builder.edge(symbols[i], symbols[i], targets[i] + 1);
    builder.close();
    const accepts = new Uint8Array(count + 1);
    accepts[0] = accept;
    for (let state = 0; state < count; state++) {
      accepts[state + 1] = words[starts[state]];
      for (let at = starts[state] + 1; at < starts[state + 1]; at += 2)
        builder.edge(words[at], words[at], words[at + 1] + 1);
      builder.close();
    }
    return builder.finish(accepts);
  }
}
