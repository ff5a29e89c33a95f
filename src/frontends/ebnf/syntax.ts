// The syntax tree of a grammar text: what the parser writes and lowering reads.
import type { Intervals } from '../../automata/index.js';
import type { TokenSet } from '../../grammar/index.js';
import type { MacroName } from './macro-names.js';

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
  /** `<think>`, `!<[10]>`: one token of the vocabulary. */
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  | { readonly kind: 'name'; readonly name: string; readonly position: Position }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly item: Expression;
      readonly min: number;
      readonly max: number;
      readonly position: Position;
    }
  /** W3C's `A - B`: what matches `item` and not `except`. */
  | {
      readonly kind: 'exception';
      readonly item: Expression;
      readonly except: Expression;
      readonly position: Position;
    }
  /** `Regex("…")` and the like. */
  | {
      readonly kind: 'macro';
      readonly macro: MacroName;
      readonly args: readonly MacroArgument[];
      readonly position: Position;
    };

export interface MacroArgument {
  /** Of a named argument such as `loop_after_dispatch=false`. */
  readonly name?: string;
  readonly value: MacroValue;
  readonly position: Position;
}

export type MacroValue =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number }
  /** `true`, `false`, or a rule. */
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'tuple'; readonly items: readonly MacroArgument[] };

/** `name[key=value, key] ::=`: what xgrammar hangs on a rule. */
export interface Attribute {
  readonly name: string;
  readonly value: string | number | undefined;
  readonly position: Position;
}

export interface RuleDefinition {
  readonly name: string;
  readonly body: Expression;
  readonly position: Position;
  readonly attributes?: readonly Attribute[];
  /** `(= …)` at the end of the rule. */
  readonly lookahead?: { readonly body: Expression; readonly position: Position };
}
