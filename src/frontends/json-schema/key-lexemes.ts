// Names of properties that are not listed: those of a class, or every string but the listed names, in whatever spelling.
// Built directly as one automaton, since nearly every object has one: the listed names' trie, from which every other
// character leads to "any string"; a listed name read to its end may not close.
import {
  type AutomatonLimits,
  type Dfa,
  type DfaEdge,
  dfaKey,
  intersectDfa,
  jsonStringDfa,
  literalsDfa,
  starDfa,
  stringifiedDfa,
} from '../../automata/index.js';
import { type Node, regular, sequence } from '../../grammar/index.js';
import { QUOTE } from './literals.js';
import { PLAIN_CHARACTER } from './plain-strings.js';
import { codePoints } from './shape.js';
import { type SpellingTrie, spellingTrie } from './spelling-trie.js';

/** Keeps the lexemes, because objects of one document often list the same names. */
export class KeyLexemes {
  readonly #others = new Map<string, Node>();
  readonly #classes = new Map<string, Node>();
  readonly #limits: AutomatonLimits;

  constructor(limits: AutomatonLimits) {
    this.#limits = limits;
  }

  /** The node of every string but `names`, quotes included. */
  allBut(names: Iterable<string>): Node {
    const listed = [...names].sort();
    const key = JSON.stringify(listed);
    let node = this.#others.get(key);
    if (!node) {
      node = sequence(QUOTE, regular(otherStringsDfa(listed)), QUOTE);
      this.#others.set(key, node);
    }
    return node;
  }

  /** The node of the names in `keys`, quotes included. @throws LimitError `maxStates` */
  in(keys: Dfa): Node {
    const key = dfaKey(keys);
    let node = this.#classes.get(key);
    if (!node) {
      node = sequence(QUOTE, regular(this.#spelled(keys)), QUOTE);
      this.#classes.set(key, node);
    }
    return node;
  }

  #spelled(keys: Dfa): Dfa {
    if (keys.edges.length > MAX_FREELY_SPELLED) return stringifiedDfa(keys, this.#limits);
    return intersectDfa(jsonStringDfa(keys, this.#limits), PLAIN_STRING, this.#limits);
  }
}

/** Name classes of more states than this are taken as JSON.stringify writes them. */
const MAX_FREELY_SPELLED = 64;
const PLAIN_STRING = starDfa(PLAIN_CHARACTER);

/** The accepting state of {@link PLAIN_CHARACTER}; the others are inside a character and keep their order. */
const AFTER_CHARACTER = PLAIN_CHARACTER.accept.indexOf(1);

/** The spellings of all strings but the given ones, between their quotes. */
function otherStringsDfa(names: readonly string[]): Dfa {
  const trie = literalsDfa(names.map(codePoints));
  const builder = new OtherStrings(trie.edges.length);
  trie.edges.forEach((edges, state) => {
    builder.define(state, 0, spellingTrie(edges));
  });
  const accept = Uint8Array.from(builder.edges, (_, state) => {
    if (state < trie.edges.length) return trie.accept[state] ? 0 : 1;
    return state === builder.any ? 1 : 0;
  });
  return { edges: builder.edges, accept };
}

/** States 0 .. names - 1 are those of the trie; then comes "any string" with the inside of its characters. */
class OtherStrings {
  readonly edges: DfaEdge[][] = [];
  readonly any: number;
  readonly #known = new Map<SpellingTrie, number>();

  constructor(names: number) {
    this.any = names;
    for (let state = 0; state < names; state++) this.edges.push([]);
    PLAIN_CHARACTER.edges.forEach((edges, state) => {
      if (state !== AFTER_CHARACTER)
        this.edges.push(edges.map((edge) => ({ ...edge, to: this.#afterAny(edge.to) })));
    });
  }

  /** Gives `state` the edges of the character reader in its state `reading`, but for what `special` leads elsewhere. */
  define(state: number, reading: number, special: SpellingTrie): void {
    const bytes = [...special.next.keys()].sort((a, b) => a - b);
    let at = 0;
    for (const { lo, hi, to } of PLAIN_CHARACTER.edges[reading]) {
      let from = lo;
      for (; at < bytes.length && bytes[at] <= hi; at++) {
        if (from < bytes[at]) this.edges[state].push({ lo: from, hi: bytes[at] - 1, to: this.#afterAny(to) });
        const target = special.next.get(bytes[at])!;
        const next = typeof target === 'number' ? target : this.#inside(to, target);
        this.edges[state].push({ lo: bytes[at], hi: bytes[at], to: next });
        from = bytes[at] + 1;
      }
      if (from <= hi) this.edges[state].push({ lo: from, hi, to: this.#afterAny(to) });
    }
  }

  #inside(reading: number, special: SpellingTrie): number {
    let state = this.#known.get(special);
    if (state === undefined) {
      state = this.edges.push([]) - 1;
      this.#known.set(special, state);
      this.define(state, reading, special);
    }
    return state;
  }

  /** The state that reads the rest of a character from its state `reading`, and then any string. */
  #afterAny(reading: number): number {
    if (reading === AFTER_CHARACTER) return this.any;
    return this.any + reading - (reading > AFTER_CHARACTER ? 1 : 0);
  }
}
