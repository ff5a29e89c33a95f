// Properties of rules that follow from those of the rules they refer to, such as being nullable or productive.
import type { Grammar, Node, RuleId } from './ir.js';

/** Rounds over all rules before users of rules are listed. */
const ROUNDS = 3;

/**
 * For each rule id, 1 where the property holds: the least fixed point of `holds`, which tells it of a body from what is
 * known of the rules so far, and from `by`. Rules mostly refer to later ones, so a few rounds backwards decide nearly
 * all of them; then by a worklist: a rule is looked at again only when one that it refers to has gained it.
 */
export function rulesThat<By>(
  { rules }: Grammar,
  holds: (body: Node, known: Uint8Array, by: By) => boolean,
  by: By,
): Uint8Array {
  const known = new Uint8Array(rules.length);
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false;
    for (let rule = rules.length - 1; rule >= 0; rule--) {
      if (known[rule] || !holds(rules[rule].body, known, by)) continue;
      known[rule] = 1;
      changed = true;
    }
    if (!changed) return known;
  }
  const users: RuleId[][] = [];
  for (let rule = 0; rule < rules.length; rule++) users.push([]);
  const pending: RuleId[] = [];
  for (let user = rules.length - 1; user >= 0; user--) {
    if (known[user]) continue;
    pending.push(user);
    const referred: RuleId[] = [];
    addReferences(rules[user].body, referred);
    for (const rule of referred) users[rule].push(user);
  }
  while (pending.length > 0) {
    const rule = pending.pop()!;
    if (known[rule] || !holds(rules[rule].body, known, by)) continue;
    known[rule] = 1;
    for (const user of users[rule]) if (!known[user]) pending.push(user);
  }
  return known;
}

/** The rules that `node` refers to, each once. */
export function referencedRules(node: Node): Set<RuleId> {
  const found: RuleId[] = [];
  addReferences(node, found);
  return new Set(found);
}

/** Bits of the kinds of node that passes look for. */
export const Kinds = { repeat: 1, scope: 2 } as const;

/** Adds the rule of every reference in `node`, and tells which {@link Kinds} of node it has. */
export function addReferences(node: Node, found: RuleId[]): number {
  let kinds = 0;
  switch (node.kind) {
    case 'reference':
      found.push(node.rule);
      return kinds;
    case 'sequence':
      for (const item of node.items) kinds |= addReferences(item, found);
      return kinds;
    case 'choice':
      for (const option of node.options) kinds |= addReferences(option, found);
      return kinds;
    case 'repeat':
      return Kinds.repeat | addReferences(node.item, found);
    case 'scope':
      return Kinds.scope | addReferences(node.body, found);
    default:
      return kinds;
  }
}
