// The builder: a grammar written in code. Each function makes one kind of expression and types the value of its text.
import { CompileError } from '../errors.js';
import type { EbnfOptions, GbnfOptions } from '../frontends/ebnf/index.js';
import type { JsonSchemaOptions } from '../frontends/json-schema/index.js';
import type { LarkOptions } from '../frontends/lark/index.js';
import { Expression, type Part, type ResultOf, toExpression, type Validate } from './expression.js';
import {
  isStandardSchema,
  type OutputOf,
  type StandardSchema,
  type StaticSchema,
  toJsonSchema,
} from './standard-schema.js';
import { validator } from './validate.js';

/** How often, and what between. */
export interface RepeatOptions {
  /** Default 0. */
  readonly min?: number;
  /** Default: no bound. */
  readonly max?: number;
  /** Stands between two items, not after the last. */
  readonly separator?: Part;
}

export interface UntilOptions {
  /** The stop text is part of what is matched; default false. */
  readonly include?: boolean;
}

/** Exactly this text. A plain string means the same wherever a part is asked for. */
function text(literal: string): Expression {
  return new Expression({ kind: 'text', text: literal });
}

/** One part after the other. */
function seq(...parts: readonly Part[]): Expression {
  return new Expression({ kind: 'sequence', items: parts.map(toExpression) });
}

/** One of the parts. The value of a text is that of the first part that matches it. */
function choice<const P extends readonly Part[]>(...parts: P): Expression<ResultOf<P[number]>> {
  return new Expression({ kind: 'choice', options: parts.map(toExpression) });
}

/** The part or nothing. */
function optional(part: Part): Expression {
  return repeat(part, { max: 1 });
}

/**
 * The part between `min` and `max` times, with `separator` between two. Costs a counter, not copies.
 * @throws CompileError `invalid_grammar` for bounds that are no whole numbers, or of which the first is the larger
 */
function repeat(part: Part, { min = 0, max = Number.POSITIVE_INFINITY, separator }: RepeatOptions = {}) {
  const isCount = (bound: number) => Number.isSafeInteger(bound) && bound >= 0;
  if (!isCount(min) || !(isCount(max) || max === Number.POSITIVE_INFINITY) || min > max)
    throw new CompileError('invalid_grammar', `'repeat' from ${min} to ${max} times is not possible`);
  return new Expression<string>({
    kind: 'repeat',
    item: toExpression(part),
    min,
    max,
    separator: separator === undefined ? undefined : toExpression(separator),
  });
}

/**
 * What the regular expression matches as a whole: a RegExp, or a pattern with flags. The flags d, g and y change nothing.
 * What cannot be enforced throws when the expression is compiled.
 */
function regex(pattern: RegExp | string, flags = ''): Expression {
  const form = typeof pattern === 'string' ? { source: pattern, flags } : pattern;
  return new Expression({ kind: 'regex', pattern: form.source, flags: form.flags });
}

/**
 * A JSON text that satisfies the schema: a schema of zod, arktype, valibot (by `toStandardJsonSchema`) or TypeBox, a plain
 * JSON Schema, or its text. The value is the parsed JSON, validated where the schema can do so.
 * @throws CompileError `invalid_schema` when another library's schema cannot be had as JSON Schema
 */
function json<S extends StandardSchema>(schema: S, options?: JsonSchemaOptions): Expression<OutputOf<S>>;
function json<T>(schema: StaticSchema<T>, options?: JsonSchemaOptions): Expression<T>;
function json<T = unknown>(schema: unknown, options?: JsonSchemaOptions): Expression<T>;
function json(schema: unknown, options: JsonSchemaOptions = {}): Expression<unknown> {
  const validate: Validate | undefined = isStandardSchema(schema) ? validator(schema) : undefined;
  return new Expression({ kind: 'json', schema: toJsonSchema(schema), validate, options });
}

/**
 * Any text that does not contain a stop text; with `include`, any text that ends in a stop text and contains none before.
 * @throws CompileError `invalid_grammar` for an empty stop text, or none
 */
function until(stop: string | readonly string[], { include = false }: UntilOptions = {}): Expression {
  const stops = typeof stop === 'string' ? [stop] : [...stop];
  if (stops.length === 0 || stops.some((one) => typeof one !== 'string' || one === ''))
    throw new CompileError('invalid_grammar', `'until' needs stop texts that are not empty`);
  return new Expression({ kind: 'until', stops, include });
}

/** A GBNF grammar as a part; `root` names its start rule (default `root`). Its faults throw when compiled. */
function gbnf(grammar: string, options: GbnfOptions = {}): Expression {
  return new Expression({ kind: 'ebnf', text: grammar, options: { ...options, dialect: 'gbnf' } });
}

/** A grammar with `::=` in the dialect of llama.cpp, xgrammar or the W3C; by default the one that its constructs tell. */
function ebnf(grammar: string, options: EbnfOptions = {}): Expression {
  return new Expression({ kind: 'ebnf', text: grammar, options });
}

/**
 * A Lark grammar as a part. A part has no lexer of its own: terminals may end wherever they match (Lark's
 * `dynamic_complete`), and a grammar that needs a lexer, for %ignore or indentation, is refused when compiled;
 * `compile({ lark })` takes it.
 */
function lark(grammar: string, options: Omit<LarkOptions, 'lexer'> = {}): Expression {
  return new Expression({ kind: 'lark', text: grammar, options: { ...options, lexer: 'dynamic_complete' } });
}

/** A structural tag, as an object or as JSON text: free text with tags in it. Its faults throw when compiled. */
function structuralTag(tag: unknown): Expression {
  return new Expression({ kind: 'structuralTag', tag });
}

/** A token of the vocabulary: a special token by its text, such as `<|im_end|>`, or any token by its id. */
export type TokenName = string | number;

/**
 * One token, whatever its bytes: special tokens have no text that other parts could match. Several names stand for any one of
 * them; `except: true`, for any token but these. A name that the vocabulary does not have throws when a matcher is opened.
 * @throws CompileError `invalid_grammar` for no name, or one that is neither a text nor an id
 */
function token(
  names: TokenName | readonly TokenName[],
  { except = false }: { readonly except?: boolean } = {},
): Expression {
  const tokens = typeof names === 'string' || typeof names === 'number' ? [names] : [...names];
  const isName = (name: TokenName) =>
    typeof name === 'string' ? name !== '' : Number.isSafeInteger(name) && name >= 0;
  if ((tokens.length === 0 && !except) || !tokens.every(isName))
    throw new CompileError('invalid_grammar', `'token' needs texts of special tokens or ids of tokens`);
  return new Expression({ kind: 'token', tokens: { except, tokens } });
}

/** The part under a name, which `toString()`, `explain()` and diagrams then show. */
function rule<P extends Part>(name: string, part: P): Expression<ResultOf<P>> {
  const body = toExpression(part);
  return new Expression({ kind: 'rule', name, body: () => body });
}

/** What another expression matches, asked for when the grammar is compiled: rules can so refer to each other. */
function ref<P extends Part = Expression<unknown>>(target: () => P): Expression<ResultOf<P>> {
  return new Expression({ kind: 'reference', target: () => toExpression(target()) });
}

/** A rule that may hold itself: `g.recursive('list', (self) => g.seq('[', g.repeat(self, { separator: ',' }), ']'))`. */
function recursive<P extends Part>(
  name: string,
  define: (self: Expression<unknown>) => P,
): Expression<ResultOf<P>> {
  let body: Expression<unknown> | undefined;
  const self = new Expression<ResultOf<P>>({
    kind: 'rule',
    name,
    body: () => {
      if (!body)
        throw new CompileError('invalid_grammar', `the rule '${name}' is compiled while it is defined`);
      return body;
    },
  });
  body = toExpression(define(self));
  return self;
}

/** Builds grammars in code: `compile(g.seq('answer: ', g.choice('yes', 'no')))`. See docs/builder.md. */
export const g = {
  text,
  seq,
  choice,
  optional,
  repeat,
  regex,
  json,
  until,
  gbnf,
  ebnf,
  structuralTag,
  lark,
  token,
  rule,
  ref,
  recursive,
} as const;
