// Names of properties that are not listed: those of a class, or every string but the listed names, in whatever spelling.
// Built directly as one automaton, since nearly every object has one: the listed names' trie, from which every other
// character leads to "any string"; a listed name read to its end may not close.
import {
  type AutomatonLimits,
  ascending,
  type Dfa,
  dfaOf,
  FLAT_WORDS,
  FlatBuilder,
  type FlatDfa,
  flatOf,
  literalsView,
  plainStringDfa,
  sameLanguage,
  stringifiedDfa,
} from '../../automata/index.js';
import { closedLexeme, type Node, regular, sequence } from '../../grammar/index.js';
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
  /** By the sketch of their automaton. */
  readonly #classes = new Map<number, { readonly keys: Dfa; readonly node: Node }[]>();
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
      const make = () => sequence(QUOTE, otherStrings(listed));
      node = key.length > MAX_KEPT_KEY ? make() : keptOthers.get(key, make);
      this.#others.set(key, node);
    }
    return node;
  }

  /** The node of the names in `keys`, quotes included. @throws LimitError `maxStates` */
  in(keys: Dfa): Node {
    const { sketch } = flatOf(keys);
    let alike = this.#classes.get(sketch);
    if (!alike) this.#classes.set(sketch, (alike = []));
    for (const known of alike) if (sameLanguage(known.keys, keys)) return known.node;
    const spell = keys.accept.length > MAX_FREELY_SPELLED ? stringifiedDfa : plainStringDfa;
    const node = sequence(QUOTE, regular(spell(keys, this.#limits)), QUOTE);
    alike.push({ keys, node });
    return node;
  }
}

/** Name classes of more states than this are taken as JSON.stringify writes them. */
const MAX_FREELY_SPELLED = 64;

const CHARACTER = flatOf(PLAIN_CHARACTER);
/** The accepting state of {@link PLAIN_CHARACTER}; the others are inside a character and keep their order. */
const AFTER_CHARACTER = PLAIN_CHARACTER.accept.indexOf(1);
const QUOTE_BYTE = 0x22;
const END = CHARACTER.accept.length;
/** Reads any string and the quote behind it: the character reader without its last state, with the quote's edge to {@link END}. */
const ANY_STRING = anyString();

/** The spellings of all strings but the given ones, with the quote behind them. */
function otherStrings(names: readonly string[]): Node {
  const trie = literalsView(names.map(codePoints));
  return new OtherStrings(trie, names.every(isPlainText)).build();
}

function anyString(): FlatDfa {
  const builder = new FlatBuilder();
  for (let reading = 0; reading < CHARACTER.accept.length; reading++) {
    if (reading === AFTER_CHARACTER) continue;
    const { edgeStart, edges } = CHARACTER;
    for (
      let at = edgeStart[reading] * FLAT_WORDS;
      at < edgeStart[reading + 1] * FLAT_WORDS;
      at += FLAT_WORDS
    ) {
      if (reading === 0 && edges[at] === QUOTE_BYTE + 1) builder.edge(QUOTE_BYTE, QUOTE_BYTE, END);
      builder.edge(edges[at], edges[at + 1], edges[at + 2]);
    }
    builder.close();
  }
  return builder.finish(new Uint8Array(builder.stateCount));
}

/** For one automaton after the other. */
const othersBuilder = new FlatBuilder();
/** Where the states of the character reader are, and the end, of the automaton that is being built. */
const placeOf = new Int32Array(CHARACTER.accept.length + 1);

/**
 * States 0 .. names - 1 are those of the trie; then comes "any string" with the inside of its characters, the end behind the
 * closing quote, and the inside of the names' characters.
 */
class OtherStrings {
  readonly #trie: FlatDfa;
  /** Every character of the names has one spelling, a byte. */
  readonly #isPlain: boolean;
  readonly #builder = othersBuilder.clear();
  readonly #any: number;
  readonly #end: number;
  readonly #known = new Map<SpellingTrie, number>();
  /** States inside the spellings of the names' characters, and where the character reader is there. */
  readonly #inside: { readonly special: SpellingTrie; readonly reading: number }[] = [];

  constructor(trie: FlatDfa, isPlain: boolean) {
    this.#trie = trie;
    this.#isPlain = isPlain;
    this.#any = trie.accept.length;
    this.#end = this.#any + ANY_STRING.accept.length;
    for (let reading = 0; reading < END; reading++)
      placeOf[reading] = this.#any + reading - (reading > AFTER_CHARACTER ? 1 : 0);
    placeOf[AFTER_CHARACTER] = this.#any;
    placeOf[END] = this.#end;
  }

  build(): Node {
    const builder = this.#builder;
    const trie = this.#trie;
    const lists = this.#isPlain ? [] : dfaOf(trie).edges;
    for (let state = 0; state < this.#any; state++) {
      const mayEnd = trie.accept[state] === 0;
      if (this.#isPlain)
        this.#definePlain(trie.edges, trie.edgeStart[state], trie.edgeStart[state + 1], mayEnd);
      else this.#define(0, spellingTrie(lists[state]), mayEnd);
      builder.close();
    }
    builder.append(ANY_STRING, placeOf);
    builder.close();
    for (const { special, reading } of this.#inside) {
      this.#define(reading, special, false);
      builder.close();
    }
    const accept = new Uint8Array(builder.stateCount);
    accept[this.#end] = 1;
    return closedLexeme(dfaOf(builder.finish(accept)), this.#end, QUOTE_BYTE);
  }

  /**
   * Gives the open state the edges of the character reader, but for the bytes on the trie's edges `from` to `end`, and where
   * it `mayEnd` the closing quote's.
   */
  #definePlain(special: Int32Array, from: number, end: number, mayEnd: boolean): void {
    let next = from;
    const { edges, edgeStart } = mayEnd ? ANY_STRING : CHARACTER;
    for (let at = edgeStart[0] * FLAT_WORDS; at < edgeStart[1] * FLAT_WORDS; at += FLAT_WORDS) {
      const to = placeOf[edges[at + 2]];
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

  /** The same with the character reader in its state `reading`, but for what `special` leads elsewhere. */
  #define(reading: number, special: SpellingTrie, mayEnd: boolean): void {
    const bytes = [...special.next.keys()].sort(ascending);
    let next = 0;
    const { edges, edgeStart } = mayEnd ? ANY_STRING : CHARACTER;
    const end = edgeStart[reading + 1] * FLAT_WORDS;
    for (let at = edgeStart[reading] * FLAT_WORDS; at < end; at += FLAT_WORDS) {
      const hi = edges[at + 1];
      const to = edges[at + 2];
      let from = edges[at];
      for (; next < bytes.length && bytes[next] <= hi; next++) {
        const byte = bytes[next];
        if (from < byte) this.#builder.edge(from, byte - 1, placeOf[to]);
        const target = special.next.get(byte)!;
        this.#builder.edge(byte, byte, typeof target === 'number' ? target : this.#insideOf(to, target));
        from = byte + 1;
      }
      if (from <= hi) this.#builder.edge(from, hi, placeOf[to]);
    }
  }

  #insideOf(reading: number, special: SpellingTrie): number {
    let state = this.#known.get(special);
    if (state === undefined) {
      state = this.#end + this.#inside.push({ special, reading });
      this.#known.set(special, state);
    }
    return state;
  }
}
