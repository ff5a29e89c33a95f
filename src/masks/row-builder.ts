// A mask row under construction, in a caller's row: knows how many tokens are in it and which were added one by one.
import { type InnerRow, popCount } from './inner-row.js';
import { countBelow, type IntList } from './int-list.js';

export class RowBuilder {
  /** Tokens that were added to what the row began with, if it is {@link isListed}. */
  readonly added: IntList;
  readonly #row: Int32Array;
  /** What the row began with. */
  base: InnerRow | null = null;
  count = 0;
  /** Whether the row is what it began with and the tokens in `added`, no more. */
  isListed = true;

  /** `scratch` holds the added tokens. */
  constructor(row: Int32Array, scratch: IntList) {
    this.#row = row;
    this.added = scratch;
    scratch.length = 0;
  }

  /** Begins with a lexeme's row, or with nothing. */
  begin(base: InnerRow | null): void {
    this.base = base;
    if (base?.bits) this.#row.set(base.bits);
    else this.#row.fill(0);
    this.count = base?.count ?? 0;
  }

  add(token: number): void {
    const bit = 1 << (token & 31);
    const word = this.#row[token >>> 5];
    if (word & bit) return;
    this.#row[token >>> 5] = word | bit;
    this.count++;
    if (this.isListed) this.added.push(token);
  }

  /** As {@link addInner}, without the `refused`, ascending. */
  addInnerWithout(inner: InnerRow, refused: Int32Array): void {
    if (refused.length === 0) {
      this.addInner(inner);
      return;
    }
    const tokens = inner.tokens?.filter((token) => refused[countBelow(refused, token)] !== token) ?? null;
    const bits = inner.bits?.slice() ?? null;
    let count = tokens?.length ?? inner.count;
    for (let i = 0; bits && i < refused.length; i++) {
      const bit = 1 << (refused[i] & 31);
      if (bits[refused[i] >>> 5] & bit) count--;
      bits[refused[i] >>> 5] &= ~bit;
    }
    this.addInner({ bits, tokens, count });
  }

  addInner(inner: InnerRow): void {
    const { bits, tokens } = inner;
    if (bits && this.count === 0) {
      this.begin(inner);
      return;
    }
    if (tokens) for (let i = 0; i < tokens.length; i++) this.add(tokens[i]);
    if (!bits) return;
    const row = this.#row;
    this.count = 0;
    for (let i = 0; i < row.length; i++) {
      row[i] |= bits[i];
      this.count += popCount(row[i]);
    }
    this.isListed = false;
  }
}
