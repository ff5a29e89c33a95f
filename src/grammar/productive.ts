// What a grammar can do without: rules that match nothing, and rules that the start does not reach.
import { CompileError } from '../errors.js';
import { NEVER, repeat, scope } from './builder.js';
import type { Grammar, Node, Rule, RuleId } from './ir.js';
import { noteKinds } from './kinds.js';
import { choiceOf, sequenceOf } from './lists.js';
import { addReferences, rulesThat } from './rules-that.js';
import { mapSubnodes } from './subnodes.js';

/**
 * The grammar without references to unproductive rules (they become `never`, which its neighbours absorb) and without
 * unreachable rules. Rules keep their order; a grammar that has neither comes back as the same object.
 * @throws CompileError `unsatisfiable` when no string at all is a sentence.
 */
export function pruneUnproductive(grammar: Grammar): Grammar {
  const productive = productiveRules(grammar);
  const start = prune(grammar.start, productive);
  if (!isProductive(start, productive)) {
    const { start: reference } = grammar;
    const rule = reference.kind === 'reference' ? grammar.rules[reference.rule] : undefined;
    const subject = rule ? `rule '${rule.name}'` : 'the start';
    throw new CompileError('unsatisfiable', `no string matches ${subject}`, rule?.source);
  }
  if (!productive.includes(0)) return dropUnreachable(grammar);
  return dropUnreachable({
    rules: grammar.rules.map((rule, id) =>
      productive[id] ? withBody(rule, prune(rule.body, productive)) : withBody(rule, NEVER),
    ),
    start,
  });
}

/** For each rule id, 1 where the rule matches some string. */
export function productiveRules(grammar: Grammar): Uint8Array {
  return rulesThat(grammar, isProductive, undefined);
}

/** Rules that the start does not reach are left out; the others are renumbered. */
function dropUnreachable(grammar: Grammar): Grammar {
  const reached = new Uint8Array(grammar.rules.length);
  const pending: RuleId[] = [];
  const start = addReferences(grammar.start, pending);
  const kinds = new Uint8Array(grammar.rules.length);
  for (let rule = pending.pop(); rule !== undefined; rule = pending.pop()) {
    if (reached[rule]) continue;
    reached[rule] = 1;
    kinds[rule] = addReferences(grammar.rules[rule].body, pending);
  }
  if (!reached.includes(0)) {
    noteKinds(grammar, kinds, start);
    return grammar;
  }
  const ids = new Map<RuleId, RuleId>();
  grammar.rules.forEach((_, id) => {
    if (reached[id]) ids.set(id, ids.size);
  });
  return {
    rules: [...ids.keys()].map((id) => {
      const rule = grammar.rules[id];
      return withBody(rule, renumber(rule.body, ids));
    }),
    start: renumber(grammar.start, ids),
  };
}

function isProductive(node: Node, productive: ArrayLike<number>): boolean {
  switch (node.kind) {
    case 'never':
      return false;
    case 'sequence':
      for (const item of node.items) if (!isProductive(item, productive)) return false;
      return true;
    case 'choice':
      for (const option of node.options) if (isProductive(option, productive)) return true;
      return false;
    case 'repeat':
      return node.min === 0 || isProductive(node.item, productive);
    case 'scope':
      return isProductive(node.body, productive);
    case 'reference':
      return productive[node.rule] === 1;
    default:
      return true;
  }
}

function prune(node: Node, productive: ArrayLike<number>): Node {
  switch (node.kind) {
    case 'sequence':
      return sequenceOf(node.items.map((item) => prune(item, productive)));
    case 'choice':
      return choiceOf(node.options.map((option) => prune(option, productive)));
    case 'repeat':
      return repeat(prune(node.item, productive), node.min, node.max);
    case 'scope':
      return scope(prune(node.body, productive));
    case 'reference':
      return productive[node.rule] === 1 ? node : NEVER;
    default:
      return node;
  }
}

function renumber(node: Node, ids: ReadonlyMap<RuleId, RuleId>): Node {
  if (node.kind === 'reference') return { kind: 'reference', rule: ids.get(node.rule)! };
  return mapSubnodes(node, (inner) => renumber(inner, ids));
}

function withBody({ name, source }: Rule, body: Node): Rule {
  return source ? { name, body, source } : { name, body };
}
