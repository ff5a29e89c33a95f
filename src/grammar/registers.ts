// Whether a grammar uses registers: the automaton's compiler then keeps the frames of loops and scopes apart.
import type { Grammar, Node } from './ir.js';
import { subnodes } from './subnodes.js';

/** True when some node of the grammar is a scope. */
export function usesRegisters({ rules, start }: Grammar): boolean {
  return hasScope(start) || rules.some(({ body }) => hasScope(body));
}

function hasScope(node: Node): boolean {
  if (node.kind === 'scope') return true;
  for (const inner of subnodes(node)) if (hasScope(inner)) return true;
  return false;
}
