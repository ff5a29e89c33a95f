// What a grammar written in code is made of: immutable expressions, each with the static type of the value that its text stands
// for. g.ts makes them, lower.ts turns them into the grammar IR, read.ts turns a text into the value.
import type { AutomatonLimits } from '../automata/index.js';
import { CompileError } from '../errors.js';
import type { EbnfOptions } from '../frontends/ebnf/index.js';
import type { JsonSchemaOptions } from '../frontends/json-schema/index.js';
import type { LarkOptions } from '../frontends/lark/index.js';
import type { StructuralTagOptions } from '../frontends/structural-tag/index.js';
import type { TokenSet } from '../grammar/index.js';

/** What front ends inside an expression may be told; an expression's own options go before those of `compile`. */
export type LeafOptions = AutomatonLimits &
  JsonSchemaOptions &
  Omit<EbnfOptions, 'root' | 'dialect'> &
  StructuralTagOptions;

/** What an expression is, as data. */
export type Form =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'sequence'; readonly items: readonly Expression<unknown>[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression<unknown>[] }
  | {
      readonly kind: 'repeat';
      readonly item: Expression<unknown>;
      readonly min: number;
      readonly max: number;
      readonly separator: Expression<unknown> | undefined;
    }
  | { readonly kind: 'regex'; readonly pattern: string; readonly flags: string }
  | {
      readonly kind: 'json';
      readonly schema: unknown;
      readonly validate: Validate | undefined;
      readonly options: JsonSchemaOptions;
    }
  | { readonly kind: 'until'; readonly stops: readonly string[]; readonly include: boolean }
  | { readonly kind: 'ebnf'; readonly text: string; readonly options: EbnfOptions }
  | { readonly kind: 'structuralTag'; readonly tag: unknown }
  | { readonly kind: 'lark'; readonly text: string; readonly options: LarkOptions }
  | { readonly kind: 'token'; readonly tokens: TokenSet }
  | { readonly kind: 'rule'; readonly name: string; readonly body: () => Expression<unknown> }
  | { readonly kind: 'reference'; readonly target: () => Expression<unknown> };

/** Checks a parsed value and gives what it becomes, as a Standard Schema's `validate` does. */
export type Validate = (value: unknown) => unknown;

declare const RESULT: unique symbol;

/**
 * A part of a grammar written in code. `T` is the type of the value that its text stands for: `string`, the text itself,
 * unless JSON is read from it. Made by {@link g}; immutable.
 */
export class Expression<out T = string> {
  /** Exists for the compiler alone. */
  declare readonly [RESULT]: T;
  /** @internal */
  readonly form: Form;

  /** @internal */
  constructor(form: Form) {
    this.form = form;
  }
}

/** What stands where an expression is asked for: a string is the text itself, a RegExp must match as a whole. */
export type Part = string | RegExp | Expression<unknown>;

/** The type of the value that a part's text stands for. */
export type ResultOf<P> = P extends Expression<infer T> ? T : string;

/** @throws CompileError `invalid_grammar` when it is no part */
export function toExpression(part: Part): Expression<unknown> {
  if (part instanceof Expression) return part;
  if (typeof part === 'string') return new Expression({ kind: 'text', text: part });
  if (part instanceof RegExp)
    return new Expression({ kind: 'regex', pattern: part.source, flags: part.flags });
  throw new CompileError(
    'invalid_grammar',
    `a grammar's part must be a string, a RegExp or an expression, not ${part === null ? 'null' : typeof part}`,
  );
}
