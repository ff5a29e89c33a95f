// Syntax tree to IR: names become references, characters become UTF-8.
import {
  type AutomatonLimits,
  type Dfa,
  differenceDfa,
  type Intervals,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import {
  bytes,
  choiceOf,
  type FreeTextLimits,
  type Grammar,
  GrammarBuilder,
  type Node,
  regular,
  repeat,
  sequenceOf,
  token,
} from '../../grammar/index.js';
import { DeferredRules } from './deferred.js';
import { lowerMacro } from './macros.js';
import { nearest } from './nearest.js';
import { withAttributes } from './rule-attributes.js';
import type { Expression, Position, RuleDefinition } from './syntax.js';

export interface LowerOptions extends AutomatonLimits, FreeTextLimits {
  readonly root: string;
  /** Repetitions inside each other. */
  readonly maxDepth: number;
  /** The largest count of a repetition. */
  readonly maxRepeat: number;
}

/**
 * The grammar of parsed rules.
 * @throws CompileError `invalid_grammar` for a rule defined twice, a name without a rule, or a missing root;
 * LimitError `maxDepth` or `maxRepeat`.
 */
export function lower(rules: readonly RuleDefinition[], options: LowerOptions): Grammar {
  const builder = new GrammarBuilder();
  const references = new Map<string, Node & { kind: 'reference' }>();
  for (const { name, position } of rules) {
    if (references.has(name))
      throw new CompileError('invalid_grammar', `rule '${name}' is defined twice`, { ...position });
    references.set(name, builder.declare(name, { ...position }));
  }
  const root = references.get(options.root);
  if (!root)
    throw new CompileError(
      'invalid_grammar',
      `there is no rule '${options.root}' to start from${suggestion(options.root, references.keys())}`,
      { line: 1, column: 1 },
    );
  const deferred = new DeferredRules(builder, options);
  const lowering = new Lowering(references, builder, deferred, options);
  for (const rule of rules) {
    const body = lowering.node(rule.body, 0);
    if (rule.lookahead) lowering.node(rule.lookahead.body, 0); // its names must exist, too
    builder.define(references.get(rule.name)!, withAttributes(rule, body, builder, deferred));
  }
  deferred.settle();
  return builder.build(root);
}

class Lowering {
  readonly #references: ReadonlyMap<string, Node>;
  readonly #builder: GrammarBuilder;
  readonly #deferred: DeferredRules;
  readonly #options: LowerOptions;
  /** Automata of classes by their text: grammars repeat the same few. */
  readonly #classes = new Map<string, Dfa>();

  constructor(
    references: ReadonlyMap<string, Node>,
    builder: GrammarBuilder,
    deferred: DeferredRules,
    options: LowerOptions,
  ) {
    this.#references = references;
    this.#builder = builder;
    this.#deferred = deferred;
    this.#options = options;
  }

  node(expression: Expression, repeats: number): Node {
    switch (expression.kind) {
      case 'literal':
        return bytes(expression.text);
      case 'class':
        return regular(this.#classDfa(expression.intervals));
      case 'tokens':
        return token(expression.tokens);
      case 'name':
        return this.#reference(expression.name, expression.position);
      case 'sequence':
        return sequenceOf(expression.items.map((item) => this.node(item, repeats)));
      case 'choice':
        return choiceOf(expression.options.map((option) => this.node(option, repeats)));
      case 'repeat':
        return this.#repeat(expression, repeats + 1);
      case 'exception':
        return this.#exception(expression, repeats);
      case 'macro':
        return lowerMacro(expression, {
          builder: this.#builder,
          rule: (name, position) => this.#reference(name, position),
          limits: this.#options,
        });
    }
  }

  #exception({ item, except, position }: Expression & { kind: 'exception' }, repeats: number): Node {
    const [from, without] = [this.node(item, repeats), this.node(except, repeats)];
    return this.#deferred.later('exception', position, (languageOf) =>
      regular(differenceDfa(languageOf(from), languageOf(without), this.#options)),
    );
  }

  #classDfa(intervals: Intervals): Dfa {
    const key = intervals.join(' ');
    let dfa = this.#classes.get(key);
    if (!dfa) {
      dfa = utf8Dfa(symbolsDfa(intervals), this.#options);
      this.#classes.set(key, dfa);
    }
    return dfa;
  }

  #reference(name: string, position: Position): Node {
    const reference = this.#references.get(name);
    if (reference) return reference;
    throw new CompileError(
      'invalid_grammar',
      `rule '${name}' is not defined${suggestion(name, this.#references.keys())}`,
      { ...position },
    );
  }

  #repeat({ item, min, max, position }: Expression & { kind: 'repeat' }, repeats: number): Node {
    const { maxDepth, maxRepeat } = this.#options;
    if (repeats > maxDepth)
      throw new LimitError('maxDepth', maxDepth, 'repetitions nest too deeply', { ...position });
    if (max < min)
      throw new CompileError('invalid_grammar', `at least ${min} and at most ${max} times is never`, {
        ...position,
      });
    const largest = Number.isFinite(max) ? max : min;
    if (largest > maxRepeat)
      throw new LimitError('maxRepeat', maxRepeat, 'this repetition count is too large', { ...position });
    return repeat(this.node(item, repeats), min, max);
  }
}

function suggestion(name: string, known: Iterable<string>): string {
  const candidate = nearest(name, known);
  return candidate === undefined ? '' : `; did you mean '${candidate}'?`;
}
