// Which rules can begin with which: the left-corner relation of a grammar and its cycles.
import { isCyclic, stronglyConnected } from './components.js';
import type { Grammar, Node, RuleId } from './ir.js';
import { isNullable } from './nullable.js';
import { rulesThat } from './rules-that.js';

/** The rules that a string of `node` may begin with, seen through nullable prefixes. */
export function leftCorners(node: Node, nullable: ArrayLike<number>): Set<RuleId> {
  const corners: RuleId[] = [];
  collect(node, nullable, corners);
  return new Set(corners);
}

function collect(node: Node, nullable: ArrayLike<number>, found: RuleId[]): void {
  switch (node.kind) {
    case 'reference':
      found.push(node.rule);
      return;
    case 'repeat':
      collect(node.item, nullable, found);
      return;
    case 'scope':
      collect(node.body, nullable, found);
      return;
    case 'choice':
      for (const option of node.options) collect(option, nullable, found);
      return;
    case 'sequence':
      for (const item of node.items) {
        collect(item, nullable, found);
        if (!isNullable(item, nullable)) return;
      }
      return;
  }
}

/** The sets of rules that are left-recursive through each other: cycles of the left-corner relation. */
export function leftRecursiveComponents({ rules }: Grammar, nullable: ArrayLike<number>): RuleId[][] {
  const corners: RuleId[][] = [];
  for (const { body } of rules) {
    const found: RuleId[] = [];
    collect(body, nullable, found);
    corners.push(found);
  }
  return stronglyConnected(corners).filter((component) => isCyclic(component, corners));
}

/** Whether some rule begins with itself, directly or through others: most grammars have none, which is seen without lists. */
export function hasLeftRecursion(grammar: Grammar, nullable: ArrayLike<number>): boolean {
  return rulesThat(grammar, isGrounded, nullable).includes(0);
}

/** Whether all rules that `node` may begin with are grounded: by way of first rules they come to an end. */
function isGrounded(node: Node, grounded: ArrayLike<number>, nullable: ArrayLike<number>): boolean {
  switch (node.kind) {
    case 'reference':
      return grounded[node.rule] === 1;
    case 'repeat':
      return isGrounded(node.item, grounded, nullable);
    case 'scope':
      return isGrounded(node.body, grounded, nullable);
    case 'choice':
      for (const option of node.options) if (!isGrounded(option, grounded, nullable)) return false;
      return true;
    case 'sequence':
      for (const item of node.items) {
        if (!isGrounded(item, grounded, nullable)) return false;
        if (!isNullable(item, nullable)) return true;
      }
      return true;
    default:
      return true;
  }
}
