// Which rules can begin with which: the left-corner relation of a grammar and its cycles.
import { isCyclic, stronglyConnected } from './components.js';
import type { Grammar, Node, RuleId } from './ir.js';
import { isNullable } from './nullable.js';

/** The rules that a string of `node` may begin with, seen through nullable prefixes. */
export function leftCorners(node: Node, nullable: ArrayLike<number>): Set<RuleId> {
  const corners = new Set<RuleId>();
  collect(node, nullable, corners);
  return corners;
}

function collect(node: Node, nullable: ArrayLike<number>, corners: Set<RuleId>): void {
  switch (node.kind) {
    case 'reference':
      corners.add(node.rule);
      return;
    case 'repeat':
      collect(node.item, nullable, corners);
      return;
    case 'scope':
      collect(node.body, nullable, corners);
      return;
    case 'choice':
      for (const option of node.options) collect(option, nullable, corners);
      return;
    case 'sequence':
      for (const item of node.items) {
        collect(item, nullable, corners);
        if (!isNullable(item, nullable)) return;
      }
      return;
  }
}

/** The sets of rules that are left-recursive through each other: cycles of the left-corner relation. */
export function leftRecursiveComponents({ rules }: Grammar, nullable: ArrayLike<number>): RuleId[][] {
  const corners = rules.map(({ body }) => [...leftCorners(body, nullable)]);
  return stronglyConnected(corners).filter((component) => isCyclic(component, corners));
}
