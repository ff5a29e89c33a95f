// Lookahead right at the beginning of a text, `^(?!a|b)…`: two questions about the whole text, each with an automaton of its own,
// which meet in a product. Following obligations through the rest of the pattern would take many times as long.
import { type AutomatonLimits, type Dfa, differenceDfa, intersectDfa } from '../../automata/index.js';
import { type Look, type RegexNode, sequenceNode } from './ast.js';
import { isTextStart } from './sets.js';

/** A pattern that begins with `^` and lookahead: the lookahead, and the pattern without it. */
interface Leading {
  readonly looks: readonly Look[];
  readonly rest: RegexNode;
}

function leadingLooks(node: RegexNode): Leading | undefined {
  if (node.kind !== 'sequence') return undefined;
  const [start, ...items] = node.items;
  if (start?.kind !== 'assertion' || !isTextStart(start)) return undefined;
  const looks: Look[] = [];
  for (const item of items) {
    if (item.kind !== 'look' || item.behind) break;
    looks.push(item);
  }
  if (looks.length === 0) return undefined;
  return { looks, rest: sequenceNode([start, ...items.slice(looks.length)]) };
}

/**
 * The texts in which a pattern finds a match, `search` saying which these are for patterns without leading lookahead.
 * @throws LimitError `maxStates`
 */
export function withLeadingLooks(
  node: RegexNode,
  search: (node: RegexNode) => Dfa,
  limits: AutomatonLimits | undefined,
): Dfa {
  const leading = leadingLooks(node);
  if (!leading) return search(node);
  const start = (node as { readonly items: readonly RegexNode[] }).items[0];
  let texts = search(leading.rest);
  for (const { negate, body } of leading.looks) {
    const seen = withLeadingLooks(sequenceNode([start, body]), search, limits);
    texts = negate ? differenceDfa(texts, seen, limits) : intersectDfa(texts, seen, limits);
  }
  return texts;
}
