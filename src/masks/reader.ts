// One place in a lexeme, and what is known of it: the division of the vocabulary, and what it does below nodes of tries.
// Places behind which the same may follow are one reader, whatever lexeme they belong to.
import type { Lexeme } from './lexeme.js';
import { divide, divideLike, likeness, readBelow } from './lexeme-divide.js';
import { type LexemeMask, PlainMask } from './lexeme-mask.js';
import type { LexemeTable } from './lexeme-table.js';
import type { Trie } from './trie.js';
import type { TriePart } from './trie-part.js';

export abstract class Reader {
  readonly id: number;
  protected readonly table: LexemeTable;
  #mask: LexemeMask | null = null;

  constructor(table: LexemeTable) {
    this.table = table;
    this.id = table.nextReaderId();
  }

  /** The vocabulary as this place divides it, found when first asked for. */
  get mask(): LexemeMask {
    if (this.#mask) return this.#mask;
    const mask = this.makeMask();
    this.#mask = mask;
    this.table.hold(this);
    return mask;
  }

  /** What there is below `node` of a trie, found when first asked for. */
  part(trie: Trie, node: number): TriePart {
    const key = this.id * trie.skip.length + node;
    let part = trie.parts.get(key);
    if (!part) {
      part = this.makePart(trie, node);
      trie.parts.set(key, part);
      this.table.grow(128 + part.inner.byteLength + part.exits.byteLength);
    }
    return part;
  }

  /** Drops the mask. It is found again when somebody asks. */
  forget(): void {
    this.#mask = null;
  }

  protected abstract makeMask(): LexemeMask;
  protected abstract makePart(trie: Trie, node: number): TriePart;
}

/** A state of a lexeme without a counter. */
export class PlainReader extends Reader {
  readonly #lexeme: Lexeme;
  readonly #state: number;

  constructor(table: LexemeTable, lexeme: Lexeme, state: number) {
    super(table);
    this.#lexeme = lexeme;
    this.#state = state;
  }

  protected override makeMask(): PlainMask {
    const other = likeness(this.#lexeme, this.#state);
    if (other >= 0) {
      const known = this.table.reader(this.#lexeme, other).mask;
      if (known instanceof PlainMask && known.all.bits)
        return divideLike(this.table, this.#lexeme, this.#state, other, known);
    }
    return divide(this.table, this.#lexeme, this.#state);
  }

  protected override makePart(trie: Trie, node: number): TriePart {
    return readBelow(this.table, this.#lexeme, this.#state, trie, node).build();
  }
}
