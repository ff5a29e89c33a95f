// Which rules can begin with which: the left-corner relation of a grammar and its cycles.
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

/**
 * The strongly connected components of the left-corner relation that have a cycle: each a set of rules that are
 * left-recursive through each other. Tarjan's algorithm (SIAM J. Comput. 1:2, 1972), without recursion.
 */
export function leftRecursiveComponents({ rules }: Grammar, nullable: ArrayLike<number>): RuleId[][] {
  const corners = rules.map(({ body }) => [...leftCorners(body, nullable)]);
  const index = new Int32Array(rules.length).fill(-1);
  const low = new Int32Array(rules.length);
  const onStack = new Uint8Array(rules.length);
  const stack: RuleId[] = [];
  const components: RuleId[][] = [];
  let visited = 0;

  const enter = (rule: RuleId) => {
    index[rule] = low[rule] = visited++;
    stack.push(rule);
    onStack[rule] = 1;
    return { rule, next: 0 };
  };
  const leave = (rule: RuleId) => {
    if (low[rule] !== index[rule]) return;
    const component = stack.splice(stack.lastIndexOf(rule));
    for (const member of component) onStack[member] = 0;
    if (component.length > 1 || corners[rule].includes(rule))
      components.push(component.sort((a, b) => a - b));
  };

  for (let root = 0; root < rules.length; root++) {
    if (index[root] !== -1) continue;
    const path = [enter(root)];
    while (path.length > 0) {
      const frame = path[path.length - 1];
      const { rule } = frame;
      if (frame.next === corners[rule].length) {
        path.pop();
        leave(rule);
        const parent = path.at(-1);
        if (parent) low[parent.rule] = Math.min(low[parent.rule], low[rule]);
        continue;
      }
      const corner = corners[rule][frame.next++];
      if (index[corner] === -1) path.push(enter(corner));
      else if (onStack[corner]) low[rule] = Math.min(low[rule], index[corner]);
    }
  }
  return components;
}
