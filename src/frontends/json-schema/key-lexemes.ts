// Names of properties that are not listed: those of a class, or every string but the listed names, in whatever spelling.
// Built directly as one automaton, since nearly every object has one: the listed names' trie, from which every other
// character leads to "any string"; a listed name read to its end may not close.
import {
  type AutomatonLimits,
  type Dfa,
  dfaKey,
  dfaOf,
  FLAT_WORDS,
  FlatBuilder,
  flatOf,
  literalsDfa,
  plainStringDfa,
  stringifiedDfa,
} from '../../automata/index.js';
import { type Node, regular, sequence } from '../../grammar/index.js';
import { BoundedCache } from './bounded-cache.js';
import { isPlainText, QUOTE } from './literals.js';
import { PLAIN_CHARACTER } from './plain-strings.js';
import { codePoints } from './shape.js';
import { type SpellingTrie, spellingTrie } from './spelling-trie.js';

/** Lexemes of names that are not listed, kept in the process: documents of one origin share them. */
const OTHERS_KEPT = 512;
/** Longest text of listed names that is kept. */
const MAX_KEPT_KEY = 10_000;
const keptOthers = new BoundedCache<Node>(OTHERS_KEPT);

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
      const make = () => sequence(QUOTE, regular(otherStringsDfa(listed)), QUOTE);
      node = key.length > MAX_KEPT_KEY ? make() : keptOthers.get(key, make);
      this.#others.set(key, node);
    }
    return node;
  }

  /** The node of the names in `keys`, quotes included. @throws LimitError `maxStates` */
  in(keys: Dfa): Node {
    const key = dfaKey(keys);
    let node = this.#classes.get(key);
    if (!node) {
      const spell = keys.accept.length > MAX_FREELY_SPELLED ? stringifiedDfa : plainStringDfa;
      node = sequence(QUOTE, regular(spell(keys, this.#limits)), QUOTE);
      this.#classes.set(key, node);
    }
    return node;
  }
}

/** Name classes of more states than this are taken as JSON.stringify writes them. */
const MAX_FREELY_SPELLED = 64;

const CHARACTER = flatOf(PLAIN_CHARACTER);
/** The accepting state of {@link PLAIN_CHARACTER}; the others are inside a character and keep their order. */
const AFTER_CHARACTER = PLAIN_CHARACTER.accept.indexOf(1);

/** The spellings of all strings but the given ones, between their quotes. */
function otherStringsDfa(names: readonly string[]): Dfa {
  const trie = literalsDfa(names.map(codePoints));
  return new OtherStrings(trie, names.every(isPlainText)).build();
}

/** For one automaton after the other. */
const othersBuilder = new FlatBuilder();

/** States 0 .. names - 1 are those of the trie; then comes "any string" with the inside of its characters. */
class OtherStrings {
  readonly #trie: Dfa;
  /** Every character of the names has one spelling, a byte. */
  readonly #isPlain: boolean;
  readonly #builder = othersBuilder.clear();
  readonly #any: number;
  readonly #known = new Map<SpellingTrie, number>();
  /** States inside the spellings of the names' characters, and where the character reader is there. */
  readonly #inside: { readonly special: SpellingTrie; readonly reading: number }[] = [];
  #states: number;

  constructor(trie: Dfa, isPlain: boolean) {
    this.#trie = trie;
    this.#isPlain = isPlain;
    this.#any = trie.accept.length;
    this.#states = this.#any + CHARACTER.accept.length - 1;
  }

  build(): Dfa {
    const trie = flatOf(this.#trie);
    for (let state = 0; state < this.#any; state++) {
      if (this.#isPlain) this.#definePlain(trie.edges, trie.edgeStart[state], trie.edgeStart[state + 1]);
      else this.#define(0, spellingTrie(this.#trie.edges[state]));
      this.#builder.close();
    }
    for (let reading = 0; reading < CHARACTER.accept.length; reading++) {
      if (reading === AFTER_CHARACTER) continue;
      this.#define(reading, NOTHING_SPECIAL);
      this.#builder.close();
    }
    for (const { special, reading } of this.#inside) {
      this.#define(reading, special);
      this.#builder.close();
    }
    const accept = new Uint8Array(this.#states);
    for (let state = 0; state < this.#any; state++) accept[state] = trie.accept[state] ? 0 : 1;
    accept[this.#any] = 1;
    return dfaOf(this.#builder.finish(accept));
  }

  /** Gives the open state the edges of the character reader, but for the bytes on the trie's edges `from` to `end`. */
  #definePlain(special: Int32Array, from: number, end: number): void {
    let next = from;
    const { edges, edgeStart } = CHARACTER;
    for (let at = edgeStart[0] * FLAT_WORDS; at < edgeStart[1] * FLAT_WORDS; at += FLAT_WORDS) {
      const to = this.#afterAny(edges[at + 2]);
      let lo = edges[at];
      while (next < end && special[next * FLAT_WORDS] <= edges[at + 1]) {
        const edge = next++ * FLAT_WORDS;
        if (lo < special[edge]) this.#builder.edge(lo, special[edge] - 1, to);
        this.#builder.edge(special[edge], special[edge + 1], special[edge + 2]);
        lo = special[edge + 1] + 1;
      }
      if (lo <= edges[at + 1]) this.#builder.edge(lo, edges[at + 1], to);
    }
  }

  /** Gives the open state the edges of the character reader in its state `reading`, but for what `special` leads elsewhere. */
  #define(reading: number, special: SpellingTrie): void {
    const bytes = [...special.next.keys()].sort((a, b) => a - b);
    const { edges, edgeStart } = CHARACTER;
    let next = 0;
    for (
      let at = edgeStart[reading] * FLAT_WORDS;
      at < edgeStart[reading + 1] * FLAT_WORDS;
      at += FLAT_WORDS
    ) {
      const [hi, to] = [edges[at + 1], edges[at + 2]];
      let from = edges[at];
      for (; next < bytes.length && bytes[next] <= hi; next++) {
        if (from < bytes[next]) this.#builder.edge(from, bytes[next] - 1, this.#afterAny(to));
        const target = special.next.get(bytes[next])!;
        this.#builder.edge(
          bytes[next],
          bytes[next],
          typeof target === 'number' ? target : this.#insideOf(to, target),
        );
        from = bytes[next] + 1;
      }
      if (from <= hi) this.#builder.edge(from, hi, this.#afterAny(to));
    }
  }

  #insideOf(reading: number, special: SpellingTrie): number {
    let state = this.#known.get(special);
    if (state === undefined) {
      state = this.#states++;
      this.#known.set(special, state);
      this.#inside.push({ special, reading });
    }
    return state;
  }

  /** The state that reads the rest of a character from its state `reading`, and then any string. */
  #afterAny(reading: number): number {
    if (reading === AFTER_CHARACTER) return this.#any;
    return this.#any + reading - (reading > AFTER_CHARACTER ? 1 : 0);
  }
}

const NOTHING_SPECIAL: SpellingTrie = { next: new Map() };
