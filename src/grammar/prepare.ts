// The passes between a front end's grammar and the automaton, in order.
import type { Grammar } from './ir.js';
import { type LeftRecursionLimits, removeLeftRecursion } from './left-recursion.js';
import { withoutNullableLoops } from './loops.js';
import { pruneUnproductive } from './productive.js';

/**
 * What {@link toPda} asks for: every rule productive and reachable, no left recursion, no nullable loop body.
 * @throws CompileError `unsatisfiable` when nothing matches; LimitError `maxLeftRecursionAlternatives`
 */
export function prepareGrammar(grammar: Grammar, limits: LeftRecursionLimits = {}): Grammar {
  return withoutNullableLoops(removeLeftRecursion(pruneUnproductive(grammar), limits));
}
