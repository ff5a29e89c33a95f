// Rules to grammar nodes, for every way of reading terminals: names become references, templates and parametric rules an
// instance for each set of arguments. What a terminal becomes is the business of the leaves.
import { CompileError, LimitError } from '../../errors.js';
import { choiceOf, type GrammarBuilder, NEVER, type Node, repeat, sequenceOf } from '../../grammar/index.js';
import { checkAttributes, isLexeme } from './attributes.js';
import type { Definition } from './definitions.js';
import { applied, holds, needsParameter } from './parameters.js';
import type { Expression, Foreign, Position } from './syntax.js';
import { mapped } from './walk.js';

export type Leaf =
  | (Expression & { kind: 'string' | 'regex' | 'range' })
  | Exclude<Foreign, { kind: 'apply' | 'if' }>;

export interface Leaves {
  terminal(name: string, position: Position): Node;
  leaf(expression: Leaf): Node;
  /** A rule whose attributes make it one lexeme. */
  lexeme(rule: Definition): Node;
}

export interface RuleLimits {
  /** Instances of templates and parametric rules. */
  readonly maxInstances: number;
  /** The largest count of a repetition. */
  readonly maxRepeat: number;
}

/** Parts of all rules, with an instance of a template for each set of arguments. */
const MAX_NODES = 5_000_000;
/** Characters of the arguments of a template. */
const MAX_ARGUMENTS = 5_000;

type Reference = Node & { kind: 'reference' };

export class RuleLowering {
  readonly #builder: GrammarBuilder;
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #leaves: Leaves;
  readonly #limits: RuleLimits;
  readonly #references = new Map<string, Reference>();
  readonly #pending: (() => void)[] = [];
  #instances = 0;
  #nodes = 0;
  /** The value of the parametric rule that is being lowered. */
  #self: bigint | undefined;

  constructor(
    builder: GrammarBuilder,
    definitions: ReadonlyMap<string, Definition>,
    leaves: Leaves,
    limits: RuleLimits,
  ) {
    this.#builder = builder;
    this.#definitions = definitions;
    this.#leaves = leaves;
    this.#limits = limits;
  }

  /** The rule and all that it reaches. */
  start(name: string, position: Position): Node {
    const start = this.#rule(name, position);
    for (let lower = this.#pending.pop(); lower; lower = this.#pending.pop()) lower();
    return start;
  }

  #node(expression: Expression): Node {
    if (++this.#nodes > MAX_NODES)
      throw new LimitError('MAX_NODES', MAX_NODES, 'the rules and instances of templates are too large');
    switch (expression.kind) {
      case 'name':
        return this.#named(expression.name, expression.position);
      case 'template':
        return this.#template(expression);
      case 'apply':
        return this.#apply(expression);
      case 'if':
        return holds(expression.condition, this.#selfAt(expression.position))
          ? this.#node(expression.item)
          : NEVER;
      case 'sequence':
        return sequenceOf(expression.items.map((item) => this.#node(item)));
      case 'choice':
        return choiceOf(expression.options.map((option) => this.#node(option)));
      case 'alias':
        return this.#node(expression.item);
      case 'repeat':
        return this.#repeat(expression);
      case 'both':
      case 'not':
        throw new CompileError('invalid_grammar', "'&' and '~' combine terminals, not rules", {
          ...expression.position,
        });
      default:
        return this.#leaves.leaf(expression);
    }
  }

  #repeat({ item, min, max, position }: Expression & { kind: 'repeat' }): Node {
    const { maxRepeat } = this.#limits;
    if ((Number.isFinite(max) ? max : min) > maxRepeat)
      throw new LimitError('maxRepeat', maxRepeat, 'this repetition count is too large', { ...position });
    return repeat(this.#node(item), min, max);
  }

  #named(name: string, position: Position): Node {
    return this.#definitions.get(name)!.isTerminal
      ? this.#leaves.terminal(name, position)
      : this.#rule(name, position);
  }

  #rule(name: string, position: Position): Node {
    const definition = this.#definitions.get(name)!;
    const invalid = (message: string) => new CompileError('invalid_grammar', message, { ...position });
    if (definition.params.length > 0) throw invalid(`template '${name}' needs arguments`);
    if (definition.parametric) throw invalid(`rule '${name}' is parametric and needs a parameter`);
    if (!definition.body) throw invalid(`rule '${name}' is declared only; it has no text`);
    if (needsParameter(definition.body))
      throw invalid(`rule '${name}' is not parametric, but its body needs a parameter`);
    return this.#instance(name, definition, definition.body, undefined);
  }

  #template({ name, args, position }: Expression & { kind: 'template' }): Node {
    const definition = this.#definitions.get(name);
    const body = definition?.body;
    if (!body || definition.params.length === 0)
      throw new CompileError('invalid_grammar', `'${name}' is no template`, { ...position });
    const { params } = definition;
    const values = new Map(params.map((param, i) => [param, args[i]]));
    const key = `${name}{${args.map(written).join()}}`;
    if (key.length > MAX_ARGUMENTS)
      throw new LimitError(
        'maxInstances',
        this.#limits.maxInstances,
        'a template is used inside itself without end',
        {
          ...position,
        },
      );
    return this.#instance(key, definition, substituted(body, values), undefined, position);
  }

  #apply({ name, argument, position }: Expression & { kind: 'apply' }): Node {
    const definition = this.#definitions.get(name)!;
    const { body, parametric } = definition;
    if (!parametric || !body)
      throw new CompileError('invalid_grammar', `rule '${name}' is not parametric`, { ...position });
    if (!needsParameter(body))
      throw new CompileError(
        'invalid_grammar',
        `rule '${name}' is parametric, but its body needs no parameter`,
        {
          ...definition.position,
        },
      );
    const value = applied(argument, argument.kind === 'number' ? 0n : this.#selfAt(position));
    return this.#instance(`${name}::${value}`, definition, body, value, position);
  }

  #selfAt(position: Position): bigint {
    if (this.#self !== undefined) return this.#self;
    throw new CompileError('invalid_grammar', 'there is no parameter here', { ...position });
  }

  #instance(
    key: string,
    definition: Definition,
    body: Expression,
    self: bigint | undefined,
    used?: Position,
  ): Node {
    const known = this.#references.get(key);
    if (known) return known;
    if (used && ++this.#instances > this.#limits.maxInstances)
      throw new LimitError('maxInstances', this.#limits.maxInstances, 'too many instances of templates', {
        ...used,
      });
    checkAttributes(definition);
    const reference = this.#builder.declare(key, { ...definition.position });
    this.#references.set(key, reference);
    this.#pending.push(() => {
      this.#self = self;
      const node = isLexeme(definition) ? this.#leaves.lexeme(definition) : this.#node(body);
      this.#builder.define(reference, node);
    });
    return reference;
  }
}

/** The body of a template with arguments in place of parameters. */
function substituted(body: Expression, values: ReadonlyMap<string, Expression>): Expression {
  return mapped(body, (part) => {
    if (part.kind === 'name') return values.get(part.name) ?? part;
    if (part.kind !== 'template') return undefined;
    const callee = values.get(part.name);
    const args = part.args.map((arg) => substituted(arg, values));
    return { ...part, name: callee?.kind === 'name' ? callee.name : part.name, args };
  });
}

/** An argument as a key: equal for arguments that say the same. */
function written(expression: Expression): string {
  return JSON.stringify(expression, (key, value) =>
    key === 'position' ? undefined : value === Number.POSITIVE_INFINITY ? 'Infinity' : value,
  );
}
