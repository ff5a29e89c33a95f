// The syntax tree of a GBNF text: what the parser writes and lowering reads.
import type { Intervals } from '../../automata/index.js';

/** 1-based line and column (UTF-16 units) of a construct. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Expression =
  /** `"…"`: the characters, escapes resolved. */
  | { readonly kind: 'literal'; readonly text: string }
  /** `[…]`, `[^…]` and `.`: a set of code points. */
  | { readonly kind: 'class'; readonly intervals: Intervals }
  | { readonly kind: 'name'; readonly name: string; readonly position: Position }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly item: Expression;
      readonly min: number;
      readonly max: number;
      readonly position: Position;
    };

export interface RuleDefinition {
  readonly name: string;
  readonly body: Expression;
  readonly position: Position;
}
