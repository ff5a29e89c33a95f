// The syntax tree of a GBNF text: what the parser writes and lowering reads.

/** 1-based line and column (UTF-16 units) of a construct. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Expression =
  /** `"…"`: the characters, escapes resolved. */
  | { readonly kind: 'literal'; readonly text: string }
  /** `[…]`, `[^…]` and `.`: closed intervals of code points, sorted and disjoint. */
  | { readonly kind: 'class'; readonly intervals: readonly Interval[] }
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

/** A closed interval of code points. */
export type Interval = readonly [lo: number, hi: number];

export interface RuleDefinition {
  readonly name: string;
  readonly body: Expression;
  readonly position: Position;
}
