// Adapter of regexp-tree: its syntax tree to ours, for the constructs that it reads as ECMAScript does.
import type { RegexNode } from './ast.js';
import type { Flags } from './flags.js';

export function fromRegexpTree(_pattern: string, _flags: Flags): RegexNode | undefined {
  return undefined;
}
