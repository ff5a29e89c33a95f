// The nodes directly inside a node: what walks over a grammar and rewritings of it go through.
import type { Node } from './ir.js';

const NONE: readonly Node[] = [];

/** In order; a reference has none, for its rule is elsewhere. */
export function subnodes(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'choice':
      return node.options;
    case 'repeat':
      return [node.item];
    case 'scope':
      return [node.body];
    default:
      return NONE;
  }
}

/** The same node with each node directly inside it changed; a node without any comes back as it is. */
export function mapSubnodes(node: Node, change: (inner: Node) => Node): Node {
  switch (node.kind) {
    case 'sequence':
      return { ...node, items: node.items.map(change) };
    case 'choice':
      return { ...node, options: node.options.map(change) };
    case 'repeat':
      return { ...node, item: change(node.item) };
    case 'scope':
      return { ...node, body: change(node.body) };
    default:
      return node;
  }
}
