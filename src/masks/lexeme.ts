// Lexemes: the regular parts of a grammar (string bodies, numbers, white space, patterns), as automata that are known by
// their content and shared by all grammars of a tokenizer. What they do to a vocabulary stands in lexeme-divide.ts.
import { BYTE_SET_WORDS } from './trie.js';

/** Where an edge of a lexeme leads when the lexeme is over behind it. */
export const LEXEME_END = -1;
/** No edge reads the byte. */
export const LEXEME_DEAD = -2;

/**
 * A deterministic automaton as one list of words, which is also its name: per state whether the lexeme may end there, the
 * number of edges, and for each edge its lowest and highest byte and the state that it leads to (or LEXEME_END).
 */
export type LexemeContent = Int32Array;

/** What may follow a state is compared across lexemes up to this many words. */
const MAX_REST_WORDS = 1024;

export class Lexeme {
  readonly content: LexemeContent;
  readonly stateCount: number;
  readonly classCount: number;
  /** By byte: its class. Bytes of one class are read alike everywhere. */
  readonly classOf = new Uint8Array(256);
  /** By state * classCount + class: a state, LEXEME_END or LEXEME_DEAD. */
  readonly next: Int32Array;
  readonly mayEnd: Uint8Array;
  /** Whether no sentence of the lexeme begins another. */
  readonly isPrefixFree: boolean;
  /** By state, BYTE_SET_WORDS words: the bytes that lead from it to itself. Known where `#loopsKnown` says so. */
  readonly #loops: Int32Array;
  readonly #loopsKnown: Uint8Array;
  readonly #loopsOnCharacters: Uint8Array;

  constructor(content: LexemeContent) {
    this.content = content;
    const border = new Uint8Array(257);
    let states = 0;
    let isPrefixFree = true;
    for (let at = 0; at < content.length; states++) {
      const edges = content[at + 1];
      if (content[at] !== 0 && edges > 0) isPrefixFree = false;
      const end = (at += 2) + 3 * edges;
      for (; at < end; at += 3) border[content[at]] = border[content[at + 1] + 1] = 1;
    }
    let classes = 0;
    for (let byte = 0; byte < 256; byte++) {
      if (byte > 0 && border[byte]) classes++;
      this.classOf[byte] = classes;
    }
    this.stateCount = states;
    this.classCount = classes + 1;
    this.isPrefixFree = isPrefixFree;
    this.mayEnd = new Uint8Array(states);
    this.next = new Int32Array(states * this.classCount).fill(LEXEME_DEAD);
    this.#readEdges();
    this.#loops = new Int32Array(states * BYTE_SET_WORDS);
    this.#loopsKnown = new Uint8Array(states);
    this.#loopsOnCharacters = new Uint8Array(states);
  }

  #readEdges(): void {
    const { content, next, classOf, classCount } = this;
    for (let at = 0, state = 0; at < content.length; state++) {
      this.mayEnd[state] = content[at];
      const end = at + 2 + 3 * content[at + 1];
      for (at += 2; at < end; at += 3)
        for (let c = classOf[content[at]]; c <= classOf[content[at + 1]]; c++)
          next[state * classCount + c] = content[at + 2];
    }
  }

  step(state: number, byte: number): number {
    return this.next[state * this.classCount + this.classOf[byte]];
  }

  endsAt(state: number): boolean {
    return state === LEXEME_END || (state >= 0 && this.mayEnd[state] === 1);
  }

  /**
   * Whether the state cannot end and loops on everything below a node of the vocabulary's trie; `below` and
   * `charactersBelow` are the trie's.
   */
  staysInside(state: number, below: Int32Array, charactersBelow: Uint8Array, node: number): boolean {
    if (this.mayEnd[state]) return false;
    if (!this.#loopsKnown[state]) this.#findLoops(state);
    const loops = this.#loops;
    const a = node * BYTE_SET_WORDS;
    const b = state * BYTE_SET_WORDS;
    if (
      (below[a] & ~loops[b]) |
      (below[a + 1] & ~loops[b + 1]) |
      (below[a + 2] & ~loops[b + 2]) |
      (below[a + 3] & ~loops[b + 3])
    )
      return false;
    const beyond =
      (below[a + 4] & ~loops[b + 4]) |
      (below[a + 5] & ~loops[b + 5]) |
      (below[a + 6] & ~loops[b + 6]) |
      (below[a + 7] & ~loops[b + 7]);
    return beyond === 0 || (this.#loopsOnCharacters[state] === 1 && charactersBelow[node] === 1);
  }

  #findLoops(state: number): void {
    this.#loopsKnown[state] = 1;
    for (let byte = 0; byte < 256; byte++)
      if (this.step(state, byte) === state)
        this.#loops[state * BYTE_SET_WORDS + (byte >>> 5)] |= 1 << (byte & 31);
    this.#loopsOnCharacters[state] = this.#findLoopOnCharacters(state) ? 1 : 0;
  }

  /** Whether every character beyond ASCII leads back to the state, and the lexeme cannot end within one. */
  #findLoopOnCharacters(state: number): boolean {
    for (const [low, high, secondLow, secondHigh, more] of LEADS) {
      let at = this.#common(this.#common(state, low, high), secondLow, secondHigh);
      for (let i = 0; i < more; i++) at = this.#common(at, 0x80, 0xbf);
      if (at !== state) return false;
    }
    return true;
  }

  /** The state that all bytes of a stretch lead to, where the lexeme cannot end; LEXEME_DEAD where they differ. */
  #common(from: number, low: number, high: number): number {
    if (from < 0 || this.mayEnd[from]) return LEXEME_DEAD;
    const to = this.step(from, low);
    for (let c = this.classOf[low]; c <= this.classOf[high]; c++)
      if (this.next[from * this.classCount + c] !== to) return LEXEME_DEAD;
    return to < 0 ? LEXEME_DEAD : to;
  }

  /** The automaton of what may follow a state, its states in the order of a search from there; null when it is large. */
  restOf(from: number): LexemeContent | null {
    const { next, classCount } = this;
    const bounds = this.#classBounds();
    const number = new Int32Array(this.stateCount).fill(-1);
    const order = [from];
    number[from] = 0;
    const rest: number[] = [];
    for (let at = 0; at < order.length; at++) {
      const row = order[at] * classCount;
      const head = rest.length;
      rest.push(this.mayEnd[order[at]], 0);
      for (let c = 0; c < classCount; ) {
        const first = c;
        const to = next[row + c];
        while (c < classCount && next[row + c] === to) c++;
        if (to === LEXEME_DEAD) continue;
        if (to >= 0 && number[to] < 0) {
          number[to] = order.length;
          order.push(to);
        }
        rest.push(bounds[first], bounds[c] - 1, to >= 0 ? number[to] : to);
        rest[head + 1]++;
      }
      if (rest.length > MAX_REST_WORDS) return null;
    }
    return Int32Array.from(rest);
  }

  /** By class: its lowest byte; at the end 256. */
  #classBounds(): number[] {
    const bounds: number[] = [];
    for (let byte = 0; byte < 256; byte++) if (this.classOf[byte] === bounds.length) bounds.push(byte);
    bounds.push(256);
    return bounds;
  }
}

/** First byte, second byte, and number of further bytes of the well-formed sequences beyond ASCII (Unicode 15, table 3-7). */
const LEADS = [
  [0xc2, 0xdf, 0x80, 0xbf, 0],
  [0xe0, 0xe0, 0xa0, 0xbf, 1],
  [0xe1, 0xec, 0x80, 0xbf, 1],
  [0xed, 0xed, 0x80, 0x9f, 1],
  [0xee, 0xef, 0x80, 0xbf, 1],
  [0xf0, 0xf0, 0x90, 0xbf, 2],
  [0xf1, 0xf3, 0x80, 0xbf, 2],
  [0xf4, 0xf4, 0x80, 0x8f, 2],
] as const;
