// The builder's sequence and choice for lists of any length: a call takes only so many arguments.
import { choice, sequence } from './builder.js';
import type { Node } from './ir.js';

/** Well below the argument limit of any engine's default stack. */
const CHUNK = 10_000;

/** {@link sequence} of a list. */
export function sequenceOf(items: readonly Node[]): Node {
  if (items.length <= CHUNK && !items.some(isLong)) return sequence(...items);
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]));
  return sequence(...chunks(flat).map((chunk) => sequence(...chunk)));
}

/** {@link choice} of a list. */
export function choiceOf(options: readonly Node[]): Node {
  if (options.length <= CHUNK) return choice(...options);
  return choice(...chunks(options).map((chunk) => choice(...chunk)));
}

function isLong(node: Node): boolean {
  return node.kind === 'sequence' && node.items.length > CHUNK;
}

function chunks(nodes: readonly Node[]): Node[][] {
  const found: Node[][] = [];
  for (let at = 0; at < nodes.length; at += CHUNK) found.push(nodes.slice(at, at + CHUNK));
  return found;
}
