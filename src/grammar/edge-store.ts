// Edges of an automaton under construction: a list for each state, all in one growing array, in the order of their making;
// of a literal, one for all of its states. Filled by to-pda.ts, read by pack.ts.

/** Words per edge: kind, a, b, to, and the state's next edge. */
const WORDS = 5;
const NONE = -1;
/** The kind of the one edge that reads a literal as a whole: `a` is its number, `b` where it begins. */
export const LITERAL = -1;
/** Words kept from one automaton to the next. */
const MAX_KEPT = 1 << 20;

export class EdgeStore {
  #words = new Int32Array(1024);
  #first = new Int32Array(256);
  #last = new Int32Array(256);
  #copy = new Int32Array(256);
  #literals: Uint8Array[] = [];
  #literalBytes = 0;
  #edgeWords = 0;
  #states = 0;

  /** Begins again, for another automaton, in the memory that there is. */
  clear(): this {
    this.#literals = [];
    this.#literalBytes = 0;
    this.#edgeWords = 0;
    this.#states = 0;
    if (this.#words.length > MAX_KEPT) this.#words = new Int32Array(1024);
    if (this.#first.length > MAX_KEPT) {
      this.#first = new Int32Array(256);
      this.#last = new Int32Array(256);
      this.#copy = new Int32Array(256);
    }
    return this;
  }

  get stateCount(): number {
    return this.#states;
  }

  /** Most edges that the states may come to have. */
  get edgeCount(): number {
    return this.#edgeWords / WORDS + this.#literalBytes;
  }

  /** The first of `count` new states without edges; `copy`: of which copy of a lexeme they are, 0 for none. */
  addStates(count: number, copy: number): number {
    const first = this.#states;
    this.#states += count;
    if (this.#states > this.#first.length) {
      this.#first = grown(this.#first, this.#states);
      this.#last = grown(this.#last, this.#states);
      this.#copy = grown(this.#copy, this.#states);
    }
    const [firstEdges, copies] = [this.#first, this.#copy];
    for (let state = first; state < this.#states; state++) {
      firstEdges[state] = NONE;
      copies[state] = copy;
    }
    return first;
  }

  addEdge(from: number, kind: number, a: number, b: number, to: number): void {
    const at = this.#edgeWords;
    this.#edgeWords += WORDS;
    if (this.#edgeWords > this.#words.length) this.#words = grown(this.#words, this.#edgeWords);
    const words = this.#words;
    words[at] = kind;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = to;
    words[at + 4] = NONE;
    if (this.#first[from] === NONE) this.#first[from] = at;
    else words[this.#last[from] + 4] = at;
    this.#last[from] = at;
  }

  /** The first of the states that read the bytes from `from` on, in a row, and then go on at `to`. */
  addLiteral(bytes: Uint8Array, from: number, to: number): number {
    const first = this.addStates(bytes.length - from, 0);
    this.addEdge(first, LITERAL, this.#literals.push(bytes) - 1, from, to);
    this.#literalBytes += bytes.length - from;
    return first;
  }

  /** What an edge of kind {@link LITERAL} reads, from its `b` on. */
  literal(edge: number): Uint8Array {
    return this.#literals[this.a(edge)];
  }

  /** Which copy of a lexeme a state belongs to; 0 for none. */
  copy(state: number): number {
    return this.#copy[state];
  }

  /** A cursor at the state's first edge; negative where it has none. */
  first(state: number): number {
    return this.#first[state];
  }

  /** The cursor after `edge`; negative at the end. */
  next(edge: number): number {
    return this.#words[edge + 4];
  }

  kind(edge: number): number {
    return this.#words[edge];
  }

  a(edge: number): number {
    return this.#words[edge + 1];
  }

  b(edge: number): number {
    return this.#words[edge + 2];
  }

  to(edge: number): number {
    return this.#words[edge + 3];
  }
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}
