// Syntax tree to IR: names become references, characters become UTF-8.
import { type AutomatonLimits, type Dfa, type Intervals, symbolsDfa, utf8Dfa } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import {
  bytes,
  choiceOf,
  type Grammar,
  GrammarBuilder,
  type Node,
  regular,
  repeat,
  sequenceOf,
} from '../../grammar/index.js';
import { nearest } from './nearest.js';
import type { Expression, RuleDefinition } from './syntax.js';

export interface LowerOptions extends AutomatonLimits {
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
  const lowering = new Lowering(references, options);
  for (const { name, body } of rules) builder.define(references.get(name)!, lowering.node(body, 0));
  return builder.build(root);
}

class Lowering {
  readonly #references: ReadonlyMap<string, Node>;
  readonly #options: LowerOptions;
  /** Automata of classes by their text: grammars repeat the same few. */
  readonly #classes = new Map<string, Dfa>();

  constructor(references: ReadonlyMap<string, Node>, options: LowerOptions) {
    this.#references = references;
    this.#options = options;
  }

  node(expression: Expression, repeats: number): Node {
    switch (expression.kind) {
      case 'literal':
        return bytes(expression.text);
      case 'class':
        return regular(this.#classDfa(expression.intervals));
      case 'name':
        return this.#reference(expression);
      case 'sequence':
        return sequenceOf(expression.items.map((item) => this.node(item, repeats)));
      case 'choice':
        return choiceOf(expression.options.map((option) => this.node(option, repeats)));
      case 'repeat':
        return this.#repeat(expression, repeats + 1);
    }
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

  #reference({ name, position }: Expression & { kind: 'name' }): Node {
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
