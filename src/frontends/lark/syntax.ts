// The syntax tree of a Lark text: what the parser writes; loading, templates and lowering read it.

/** 1-based line and column (UTF-16 units) of a construct. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Expression =
  /** A rule, a terminal, or a template's parameter. */
  | { readonly kind: 'name'; readonly name: string; readonly position: Position }
  /** `"…"` or `/…/`: what stands between the delimiters, as written, and the flags behind them. */
  | Literal
  /** `"a".."z"`: the ends as written between their quotes. */
  | { readonly kind: 'range'; readonly from: Literal; readonly to: Literal; readonly position: Position }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  /** `&` and `~` of the llguidance dialect: terminals only. */
  | { readonly kind: 'both'; readonly items: readonly Expression[]; readonly position: Position }
  | { readonly kind: 'not'; readonly item: Expression; readonly position: Position }
  /** `max` may be Infinity. */
  | {
      readonly kind: 'repeat';
      readonly item: Expression;
      readonly min: number;
      readonly max: number;
      readonly position: Position;
    }
  | {
      readonly kind: 'alias';
      readonly item: Expression;
      readonly name: string;
      readonly position: Position;
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly position: Position;
    }
  | Foreign;

export interface Literal {
  readonly kind: 'string' | 'regex';
  readonly text: string;
  readonly flags: string;
  readonly position: Position;
}

/** What llguidance and xgrammar add to rules. */
export type Foreign =
  /** `<|name|>`, `<[1,2-3]>`: what stands between the angle brackets. */
  | { readonly kind: 'special'; readonly text: string; readonly position: Position }
  /** `%json {…}` and `%regex {…}`: the JSON text. */
  | { readonly kind: 'json'; readonly text: string; readonly position: Position }
  | { readonly kind: 'substring'; readonly text: string; readonly position: Position }
  /** `%lark { … }`: a grammar with names of its own. */
  | { readonly kind: 'nested'; readonly statements: readonly Statement[]; readonly position: Position }
  /** `@name`: a grammar that the caller supplies. */
  | { readonly kind: 'grammar'; readonly name: string; readonly position: Position }
  /** `rule::argument`. */
  | {
      readonly kind: 'apply';
      readonly name: string;
      readonly argument: Term;
      readonly position: Position;
    }
  /** `… %if condition`. */
  | {
      readonly kind: 'if';
      readonly item: Expression;
      readonly condition: Term;
      readonly position: Position;
    };

/** An expression over the parameter of a parametric rule: `_`, a number, a bit range `[a:b]`, or a call. */
export type Term =
  | { readonly kind: 'self'; readonly position: Position }
  | { readonly kind: 'number'; readonly value: bigint; readonly position: Position }
  | { readonly kind: 'bits'; readonly from: number; readonly to: number; readonly position: Position }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Term[];
      readonly position: Position;
    };

/** `name`, `name=value` of a rule's `[…]`; the value of `stop` and its kin may be a literal or a terminal. */
export interface Attribute {
  readonly name: string;
  readonly value?: Literal | { readonly kind: 'name' | 'number'; readonly text: string };
  readonly position: Position;
}

export interface Definition {
  readonly kind: 'definition';
  readonly how: 'define' | 'override' | 'extend';
  readonly name: string;
  readonly isTerminal: boolean;
  /** `?` and `!`: they shape the tree only. */
  readonly modifiers: string;
  readonly params: readonly string[];
  readonly priority: number;
  /** `rule::_`. */
  readonly parametric: boolean;
  readonly attributes: readonly Attribute[];
  readonly body: Expression;
  readonly position: Position;
}

export type Statement =
  | Definition
  | {
      readonly kind: 'import';
      readonly path: readonly string[];
      readonly relative: boolean;
      /** Name in the other grammar, name here. */
      readonly names: readonly (readonly [string, string])[];
      readonly position: Position;
    }
  | { readonly kind: 'ignore'; readonly body: Expression; readonly position: Position }
  | { readonly kind: 'declare'; readonly names: readonly string[]; readonly position: Position }
  | { readonly kind: 'options'; readonly text: string; readonly position: Position };

export function isTerminalName(name: string): boolean {
  return /^_?[A-Z]/.test(name);
}
