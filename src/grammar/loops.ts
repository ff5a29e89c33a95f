// Pass: a repeat whose item may be empty becomes one whose item is not, so that a loop always reads something.
import { repeat, scope } from './builder.js';
import type { Grammar, Node } from './ir.js';
import { hasRepeats, repeatsIn } from './kinds.js';
import { choiceOf, sequenceOf } from './lists.js';
import { isNullable, nullableRules, WithoutEmptyContext, withoutEmptyNode } from './nullable.js';

/**
 * The same language with no nullable item in any repeat: empty turns may fill any minimum, so x{m,n} is (x less the
 * empty string){0,n}. A grammar without such repeats comes back as it is.
 */
export function withoutNullableLoops(grammar: Grammar): Grammar {
  if (!hasRepeats(grammar)) return grammar;
  const nullable = nullableRules(grammar);
  if (!hasNullableLoop(grammar.start, nullable) && !haveNullableLoop(grammar, nullable)) return grammar;
  const context = new WithoutEmptyContext(grammar);
  let changed = false;
  const visit = (node: Node): Node => {
    switch (node.kind) {
      case 'sequence':
        return rebuild(node, node.items, visit, sequenceOf);
      case 'choice':
        return rebuild(node, node.options, visit, choiceOf);
      case 'scope': {
        const body = visit(node.body);
        return body === node.body ? node : scope(body);
      }
      case 'repeat': {
        const nullable = isNullable(node.item, context.nullable);
        if (nullable) changed = true;
        const item = visit(nullable ? withoutEmptyNode(node.item, context) : node.item);
        return item === node.item ? node : repeat(item, nullable ? 0 : node.min, node.max);
      }
      default:
        return node;
    }
  };
  const start = visit(grammar.start);
  // Rules that withoutEmptyNode makes on the way are appended, and are visited in their turn.
  for (let rule = 0; rule < context.rules.length; rule++) {
    const body = visit(context.rules[rule].body);
    if (body !== context.rules[rule].body) context.rules[rule] = { ...context.rules[rule], body };
  }
  return changed ? { rules: context.rules, start } : grammar;
}

/** Whether the body of some rule has a nullable loop. */
function haveNullableLoop(grammar: Grammar, nullable: Uint8Array): boolean {
  const { rules } = grammar;
  for (let rule = 0; rule < rules.length; rule++)
    if (repeatsIn(grammar, rule) && hasNullableLoop(rules[rule].body, nullable)) return true;
  return false;
}

function hasNullableLoop(node: Node, nullable: Uint8Array): boolean {
  switch (node.kind) {
    case 'sequence':
      for (const item of node.items) if (hasNullableLoop(item, nullable)) return true;
      return false;
    case 'choice':
      for (const option of node.options) if (hasNullableLoop(option, nullable)) return true;
      return false;
    case 'repeat':
      return isNullable(node.item, nullable) || hasNullableLoop(node.item, nullable);
    case 'scope':
      return hasNullableLoop(node.body, nullable);
    default:
      return false;
  }
}

function rebuild(
  node: Node,
  parts: readonly Node[],
  visit: (node: Node) => Node,
  make: (parts: readonly Node[]) => Node,
): Node {
  const visited = parts.map(visit);
  return visited.every((part, i) => part === parts[i]) ? node : make(visited);
}
