// Puts one grammar inside another: its rules are appended to a builder under new rule ids, and its start comes back as a node.
// Used where grammars made apart (one per tool, per tag ...) become parts of one.
import type { GrammarBuilder } from './builder.js';
import type { Grammar, Node } from './ir.js';
import { mapSubnodes } from './subnodes.js';

/**
 * Adds every rule of `grammar` to `builder` and returns the node that stands for its start. The grammar is not changed;
 * nodes it uses in several places are copied once and stay shared. Time and space are linear in the grammar.
 */
export function mergeInto(builder: GrammarBuilder, grammar: Grammar): Node {
  const references = grammar.rules.map((rule) => builder.declare(rule.name, rule.source));
  const moved = new Map<Node, Node>();

  const move = (node: Node): Node => {
    const known = moved.get(node);
    if (known) return known;
    const copy = node.kind === 'reference' ? references[node.rule] : mapSubnodes(node, move);
    moved.set(node, copy);
    return copy;
  };

  grammar.rules.forEach((rule, id) => {
    builder.define(references[id], move(rule.body));
  });
  return move(grammar.start);
}
