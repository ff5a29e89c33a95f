// The prefix cache for people: the native list of nodes as trees, with their text.
import type { NativeCachedPrefix } from '../native/index.js';
import type { CachedPrefix } from './types.js';

interface Decoder {
  decode(ids: Iterable<number>): string;
}

/** The roots' children; parents stand before their children in the list. */
export function prefixTree(list: readonly NativeCachedPrefix[], decoder: Decoder): readonly CachedPrefix[] {
  const roots: CachedPrefix[] = [];
  const children: CachedPrefix[][] = list.map(() => []);
  for (const [index, { parent, tokens, ...rest }] of list.entries()) {
    const node = { ...rest, tokens: [...tokens], text: decoder.decode(tokens), children: children[index]! };
    (parent < 0 ? roots : children[parent]!).push(node);
  }
  return roots;
}
