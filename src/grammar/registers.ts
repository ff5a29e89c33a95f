// Whether a grammar uses registers: the automaton's compiler then keeps the frames of loops and scopes apart.
import type { Grammar, Node } from './ir.js';
import { subnodes } from './subnodes.js';

/** True when some node of the grammar is a scope. */
export function usesRegisters({ rules, start }: Grammar): boolean {
  const seen = new Set<Node>();
  const pending: Node[] = [start, ...rules.map(({ body }) => body)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'scope') return true;
    for (const inner of subnodes(node)) pending.push(inner);
  }
  return false;
}
