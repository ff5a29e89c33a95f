// Expressions to the grammar IR. Front ends inside (JSON Schema, regex, EBNF, Lark, structural tags) are compiled and merged in with their rules.
import { CompileError, LimitError } from '../errors.js';
import { ebnfGrammar } from '../frontends/ebnf/index.js';
import { type Annotation, jsonSchemaGrammar, type Unenforced } from '../frontends/json-schema/index.js';
import { larkGrammar } from '../frontends/lark/index.js';
import { regexGrammar } from '../frontends/regex/index.js';
import { structuralTagGrammar } from '../frontends/structural-tag/index.js';
import {
  bytes,
  choiceOf,
  type Grammar,
  GrammarBuilder,
  mergeInto,
  type Node,
  regular,
  repeat,
  sequenceOf,
  token,
} from '../grammar/index.js';
import type { Expression, Form, LeafOptions } from './expression.js';
import { untilDfa } from './until.js';

/** Most expressions inside each other. */
export const MAX_EXPRESSION_DEPTH = 1000;

export interface LoweredExpression {
  readonly grammar: Grammar;
  readonly annotations: readonly Annotation[];
  readonly unenforced: readonly Unenforced[];
}

/**
 * The grammar of an expression.
 * @throws CompileError for what a front end inside refuses, and for a reference that refers to itself alone;
 * LimitError `MAX_EXPRESSION_DEPTH`, or a front end's
 */
export function expressionGrammar(expression: Expression<unknown>, options: LeafOptions): LoweredExpression {
  return new Lowering(options).run(expression);
}

interface FrontEndResult {
  readonly grammar: Grammar;
  readonly annotations?: readonly Annotation[];
  readonly unenforced?: readonly Unenforced[];
}

class Lowering {
  readonly #options: LeafOptions;
  readonly #builder = new GrammarBuilder();
  readonly #annotations: Annotation[] = [];
  readonly #unenforced: Unenforced[] = [];
  /** Expressions used twice are lowered once. */
  readonly #nodes = new Map<Expression<unknown>, Node>();
  /** Rules whose bodies are still to be lowered: recursion ends at their names. */
  readonly #pending: {
    readonly reference: Node & { kind: 'reference' };
    readonly body: Expression<unknown>;
  }[] = [];
  /** Merged grammars by what they were made from. */
  readonly #merged = new Map<string, Node>();

  constructor(options: LeafOptions) {
    this.#options = options;
  }

  run(expression: Expression<unknown>): LoweredExpression {
    const start = this.#node(expression, 0);
    for (let next = this.#pending.pop(); next; next = this.#pending.pop())
      this.#builder.define(next.reference, this.#node(next.body, 0));
    return {
      grammar: this.#builder.build(start),
      annotations: this.#annotations,
      unenforced: this.#unenforced,
    };
  }

  #node(expression: Expression<unknown>, depth: number): Node {
    let node = this.#nodes.get(expression);
    if (node) return node;
    if (depth > MAX_EXPRESSION_DEPTH)
      throw new LimitError('MAX_EXPRESSION_DEPTH', MAX_EXPRESSION_DEPTH, 'expressions nest too deeply');
    node = this.#lower(expression.form, depth + 1);
    this.#nodes.set(expression, node);
    return node;
  }

  #lower(form: Form, depth: number): Node {
    switch (form.kind) {
      case 'text':
        return literal(form.text);
      case 'sequence':
        return sequenceOf(form.items.map((item) => this.#node(item, depth)));
      case 'choice':
        return choiceOf(form.options.map((option) => this.#node(option, depth)));
      case 'repeat':
        return this.#repeat(form, depth);
      case 'regex': {
        const options = { ...this.#options, flags: form.flags };
        return this.#merge(['regex', form.pattern, form.flags], () => ({
          grammar: regexGrammar(form.pattern, options),
        }));
      }
      case 'json':
        return this.#json(form);
      case 'until':
        return regular(untilDfa(form.stops, form.include, this.#options));
      case 'ebnf': {
        const options = { ...this.#options, ...form.options };
        return this.#merge(['ebnf', form.text, form.options], () => ebnfGrammar(form.text, options));
      }
      case 'lark':
        return this.#merge(['lark', form.text, form.options], () => this.#lark(form));
      case 'structuralTag':
        return this.#add(structuralTagGrammar(form.tag, this.#options));
      case 'token':
        return token(form.tokens);
      case 'rule': {
        const reference = this.#builder.declare(form.name);
        this.#pending.push({ reference, body: form.body() });
        return reference;
      }
      case 'reference':
        return this.#node(form.target(), depth);
    }
  }

  #repeat({ item, min, max, separator }: Form & { kind: 'repeat' }, depth: number): Node {
    const one = this.#node(item, depth);
    if (!separator || max === 0) return repeat(one, min, max);
    const next = sequenceOf([this.#node(separator, depth), one]);
    const several = sequenceOf([one, repeat(next, Math.max(min - 1, 0), max - 1)]);
    return min === 0 ? repeat(several, 0, 1) : several;
  }

  #json({ schema, options }: Form & { kind: 'json' }): Node {
    return this.#add(jsonSchemaGrammar(schema, { ...this.#options, ...options }));
  }

  #lark({ text, options }: Form & { kind: 'lark' }): FrontEndResult {
    const { grammar, lexer } = larkGrammar(text, { ...this.#options, ...options });
    if (!lexer) return { grammar };
    throw new CompileError(
      'unsupported_keyword',
      'a Lark grammar with a lexer (for %ignore or indentation) cannot be part of another grammar; compile({ lark }) takes it',
      { keyword: 'lexer' },
    );
  }

  /** A front end's grammar under a key of what it was made from: written twice, it is added once. */
  #merge(source: readonly unknown[], make: () => FrontEndResult): Node {
    const key = JSON.stringify(source);
    let node = this.#merged.get(key);
    if (!node) this.#merged.set(key, (node = this.#add(make())));
    return node;
  }

  #add({ grammar, annotations = [], unenforced = [] }: FrontEndResult): Node {
    this.#annotations.push(...annotations);
    this.#unenforced.push(...unenforced);
    return mergeInto(this.#builder, grammar);
  }
}

function literal(text: string): Node {
  if (/\p{Surrogate}/u.test(text))
    throw new CompileError('invalid_grammar', `the text ${JSON.stringify(text)} has a lone surrogate`);
  return bytes(text);
}
