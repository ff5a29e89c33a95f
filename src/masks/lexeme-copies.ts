// The copies of lexemes in one automaton: which lexeme a state belongs to, and where the grammar goes on behind it. Read
// when a mask first needs them. The marks of an image are hints: a copy that is not what a lexeme must be (deterministic,
// with one way on behind it) is none, and its states are walked like all others.
import { EDGE_WORDS, EdgeKind, type Pda, readsByte } from '../automata/index.js';
import { LEXEME_END, type Lexeme } from './lexeme.js';
import type { LexemeTable } from './lexeme-table.js';

export interface LexemePlace {
  readonly lexeme: Lexeme;
  /** The lexeme's. */
  readonly state: number;
  /** The automaton's state behind the lexeme. */
  readonly after: number;
}

interface Copy {
  readonly states: number[];
  lexeme: Lexeme | null;
  after: number;
  isRead: boolean;
}

export class LexemeCopies {
  readonly table: LexemeTable;
  readonly #pda: Pda;
  /** By state: its place among its copy's states. */
  readonly #index: Int32Array;
  /** By mark of the image. */
  readonly #copies = new Map<number, Copy>();
  /** By state, as far as somebody asked. */
  readonly #places: (LexemePlace | null | undefined)[];

  constructor(pda: Pda, table: LexemeTable) {
    this.table = table;
    this.#pda = pda;
    this.#index = new Int32Array(pda.stateCount);
    this.#places = new Array(pda.stateCount);
    for (let state = 0; state < pda.stateCount; state++) {
      const mark = pda.lexemeOf[state];
      if (mark === 0) continue;
      let copy = this.#copies.get(mark);
      if (!copy) this.#copies.set(mark, (copy = { states: [], lexeme: null, after: -1, isRead: false }));
      this.#index[state] = copy.states.push(state) - 1;
    }
  }

  /** Null where the state belongs to no lexeme. */
  place(state: number): LexemePlace | null {
    let place = this.#places[state];
    if (place === undefined) this.#places[state] = place = this.#find(state);
    return place;
  }

  #find(state: number): LexemePlace | null {
    const mark = this.#pda.lexemeOf[state];
    if (mark === 0) return null;
    const copy = this.#copies.get(mark)!;
    if (!copy.isRead) {
      copy.isRead = true;
      const content = this.#read(copy, mark);
      if (content && copy.after >= 0) copy.lexeme = this.table.intern(Int32Array.from(content));
    }
    return copy.lexeme && { lexeme: copy.lexeme, state: this.#index[state], after: copy.after };
  }

  /** The content, or null where the copy is no lexeme. */
  #read(copy: Copy, own: number): number[] | null {
    const { edges, edgeStart, lexemeOf } = this.#pda;
    const leavesTo = (after: number) => {
      if (copy.after >= 0 && copy.after !== after) return false;
      copy.after = after;
      return true;
    };
    const content: number[] = [];
    for (const state of copy.states) {
      const reading: number[] = [];
      let mayEnd = 0;
      for (let at = edgeStart[state] * EDGE_WORDS; at < edgeStart[state + 1] * EDGE_WORDS; at += EDGE_WORDS) {
        const to = edges[at + 3];
        if (readsByte(edges[at])) reading.push(at);
        else if (edges[at] === EdgeKind.epsilon && lexemeOf[to] !== own && leavesTo(to)) mayEnd = 1;
        else return null;
      }
      reading.sort((x, y) => edges[x + 1] - edges[y + 1]);
      content.push(mayEnd, reading.length);
      let last = -1;
      for (const at of reading) {
        const to = edges[at + 3];
        const stays = lexemeOf[to] === own;
        if (edges[at + 1] <= last || (!stays && !leavesTo(to))) return null;
        last = edges[at + 2];
        content.push(edges[at + 1], last, stays ? this.#index[to] : LEXEME_END);
      }
    }
    return content;
  }
}
