// Cycles of a directed graph whose nodes are numbers: which rules reach each other.
import { ascending } from '../automata/index.js';

/**
 * The strongly connected components, each after every component that it reaches. Members are sorted.
 * Tarjan's algorithm (SIAM J. Comput. 1:2, 1972), without recursion.
 */
export function stronglyConnected(successors: readonly (readonly number[])[]): number[][] {
  const index = new Int32Array(successors.length).fill(-1);
  const low = new Int32Array(successors.length);
  const onStack = new Uint8Array(successors.length);
  const stack: number[] = [];
  const components: number[][] = [];
  let visited = 0;

  const enter = (node: number) => {
    index[node] = low[node] = visited++;
    stack.push(node);
    onStack[node] = 1;
    return { node, next: 0 };
  };
  const leave = (node: number) => {
    if (low[node] !== index[node]) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) onStack[member] = 0;
    components.push(component.sort(ascending));
  };

  for (let root = 0; root < successors.length; root++) {
    if (index[root] !== -1) continue;
    const path = [enter(root)];
    while (path.length > 0) {
      const frame = path[path.length - 1];
      const { node } = frame;
      if (frame.next === successors[node].length) {
        path.pop();
        leave(node);
        const parent = path.at(-1);
        if (parent) low[parent.node] = Math.min(low[parent.node], low[node]);
        continue;
      }
      const successor = successors[node][frame.next++];
      if (index[successor] === -1) path.push(enter(successor));
      else if (onStack[successor]) low[node] = Math.min(low[node], index[successor]);
    }
  }
  return components;
}

/** Whether a component has a cycle: several members, or one that is its own successor. */
export function isCyclic(component: readonly number[], successors: readonly (readonly number[])[]): boolean {
  return component.length > 1 || successors[component[0]].includes(component[0]);
}
