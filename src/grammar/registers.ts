// Whether a grammar uses registers: the automaton's compiler then keeps the frames of loops and scopes apart.
import type { Grammar, Node } from './ir.js';

/** True when some node of the grammar is a scope. */
export function usesRegisters({ rules, start }: Grammar): boolean {
  const seen = new Set<Node>();
  const pending: Node[] = [start, ...rules.map(({ body }) => body)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'scope') return true;
    if (node.kind === 'sequence') for (const item of node.items) pending.push(item);
    else if (node.kind === 'choice') for (const option of node.options) pending.push(option);
    else if (node.kind === 'repeat') pending.push(node.item);
  }
  return false;
}
