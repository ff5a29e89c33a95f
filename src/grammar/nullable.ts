// The empty string in a grammar: which rules match it, and the same nodes without it.
// Read by the left recursion pass, and by the automaton's compiler for repeats whose item may be empty.
import { withoutEmpty } from '../automata/index.js';
import { NEVER, regular, repeat, scope, sequence } from './builder.js';
import type { Grammar, Node, Rule, RuleId } from './ir.js';
import { choiceOf } from './lists.js';
import { rulesThat } from './rules-that.js';

/** For each rule id, 1 where the rule matches the empty string. */
export function nullableRules(grammar: Grammar): Uint8Array {
  let nullable = known.get(grammar);
  if (!nullable) {
    nullable = rulesThat(grammar, isNullable, undefined);
    known.set(grammar, nullable);
  }
  return nullable;
}

/** Two passes ask in a row. */
const known = new WeakMap<Grammar, Uint8Array>();

/** Whether `node` matches the empty string, given the answer for each rule id. */
export function isNullable(node: Node, nullable: ArrayLike<number>): boolean {
  switch (node.kind) {
    case 'empty':
      return true;
    case 'never':
      return false;
    case 'bytes':
      return node.bytes.length === 0;
    case 'regular':
      return node.dfa.accept[0] === 1;
    case 'sequence':
      for (const item of node.items) if (!isNullable(item, nullable)) return false;
      return true;
    case 'choice':
      for (const option of node.options) if (isNullable(option, nullable)) return true;
      return false;
    case 'repeat':
      return node.min === 0 || isNullable(node.item, nullable);
    case 'reference':
      return nullable[node.rule] === 1;
    case 'scope':
      return isNullable(node.body, nullable);
    case 'op': // reads nothing, yet must not be left out or repeated
    case 'token':
      return false;
  }
}

/**
 * What {@link withoutEmptyNode} needs to know and may add: a grammar's rules, which of them are nullable, and the
 * rules made so far. `rules` starts with the grammar's own rules under their own ids; made ones follow.
 */
export class WithoutEmptyContext {
  readonly rules: Rule[];
  /** By rule id, for the made rules too. */
  readonly nullable: number[];
  readonly #counterparts = new Map<RuleId, RuleId>();
  readonly #pending: RuleId[] = [];

  constructor(grammar: Grammar, nullable: Uint8Array = nullableRules(grammar)) {
    this.rules = [...grammar.rules];
    this.nullable = [...nullable];
  }

  /** The rule that matches what `rule` matches, without the empty string; `rule` itself when it never does. */
  counterpart(rule: RuleId): RuleId {
    if (this.nullable[rule] !== 1) return rule;
    let made = this.#counterparts.get(rule);
    if (made === undefined) {
      const { name } = this.rules[rule];
      made = this.addRule(`${name}-nonempty`, NEVER, false);
      this.#counterparts.set(rule, made);
      this.#pending.push(rule);
    }
    return made;
  }

  /** Like {@link counterpart}, for a caller that writes the body of a nullable rule's counterpart itself. */
  claim(rule: RuleId): RuleId {
    const made = this.counterpart(rule);
    if (this.#pending.at(-1) === rule) this.#pending.pop();
    return made;
  }

  /** A rule made on the way, e.g. for the shared tail of a sequence. */
  addRule(name: string, body: Node, nullable: boolean): RuleId {
    this.nullable.push(nullable ? 1 : 0);
    return this.rules.push({ name, body }) - 1;
  }

  /** Writes the bodies of counterparts that are declared only. */
  settle(): void {
    while (this.#pending.length > 0) {
      const rule = this.#pending.pop()!;
      const made = this.#counterparts.get(rule)!;
      const { body, source } = this.rules[rule];
      const name = this.rules[made].name;
      const without = rewrite(body, this);
      this.rules[made] = source ? { name, body: without, source } : { name, body: without };
    }
  }
}

/**
 * A node whose language is that of `node` without the empty string. Linear: the tails of nullable sequences and the
 * counterparts of nullable rules become rules of `context`, which then belong to the grammar.
 */
export function withoutEmptyNode(node: Node, context: WithoutEmptyContext): Node {
  const result = rewrite(node, context);
  context.settle();
  return result;
}

function rewrite(node: Node, context: WithoutEmptyContext): Node {
  if (!isNullable(node, context.nullable)) return node;
  switch (node.kind) {
    case 'regular':
      return regular(withoutEmpty(node.dfa));
    case 'sequence':
      return rewriteSequence(node.items, context);
    case 'choice':
      return choiceOf(node.options.map((option) => rewrite(option, context)));
    case 'repeat':
      return repeat(rewrite(node.item, context), 1, node.max);
    case 'reference':
      return { kind: 'reference', rule: context.counterpart(node.rule) };
    case 'scope':
      return scope(rewrite(node.body, context));
    default:
      return NEVER;
  }
}

/** All items are nullable: some item is the first one that is not empty, and anything may follow it. */
function rewriteSequence(items: readonly Node[], context: WithoutEmptyContext): Node {
  const options: Node[] = [];
  let tail: Node | undefined;
  for (let i = items.length - 1; i >= 0; i--) {
    const first = rewrite(items[i], context);
    options.push(tail ? sequence(first, tail) : first);
    if (i === 0) break;
    tail = tail ? sequence(items[i], tail) : items[i];
    if (tail.kind === 'sequence')
      tail = { kind: 'reference', rule: context.addRule(`tail-${context.rules.length}`, tail, true) };
  }
  return choiceOf(options.reverse());
}
