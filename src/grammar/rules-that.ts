// Properties of rules that follow from those of the rules they refer to, such as being nullable or productive.
import type { Grammar, Node, RuleId } from './ir.js';
import { subnodes } from './subnodes.js';

/**
 * For each rule id, 1 where the property holds: the least fixed point of `holds`, which tells it of a body from what is
 * known of the rules so far. By a worklist: a rule is looked at again only when one that it refers to has gained it.
 */
export function rulesThat({ rules }: Grammar, holds: (body: Node, known: Uint8Array) => boolean): Uint8Array {
  const known = new Uint8Array(rules.length);
  const users: RuleId[][] = rules.map(() => []);
  rules.forEach(({ body }, user) => {
    for (const rule of referencedRules(body)) users[rule].push(user);
  });
  const pending = rules.map((_, rule) => rule).reverse();
  while (pending.length > 0) {
    const rule = pending.pop()!;
    if (known[rule] || !holds(rules[rule].body, known)) continue;
    known[rule] = 1;
    for (const user of users[rule]) if (!known[user]) pending.push(user);
  }
  return known;
}

/** The rules that `node` refers to, each once. */
export function referencedRules(node: Node): Set<RuleId> {
  const found = new Set<RuleId>();
  const pending: Node[] = [node];
  while (pending.length > 0) {
    const next = pending.pop()!;
    if (next.kind === 'reference') found.add(next.rule);
    for (const inner of subnodes(next)) pending.push(inner);
  }
  return found;
}
