// JSON whose strings hold none of certain texts. A grammar cannot be intersected with a search in general; but lexemes can,
// and JSON's strings are lexemes as a whole, where no counter takes them apart.
import {
  type AutomatonLimits,
  type Dfa,
  intersectDfa,
  isEmptyLanguage,
  literalDfa,
  NfaBuilder,
} from '../../automata/index.js';
import {
  choiceOf,
  type FreeTextLimits,
  type Grammar,
  mergeRegular,
  NEVER,
  type Node,
  regular,
  repeat,
  scope,
  sequenceOf,
  textWithout,
} from '../../grammar/index.js';

/** What stands outside of JSON's strings, the quotes included. */
const OUTSIDE = /^[{}[\]:,"\s\d+\-.eEtrufalsn]*$/;

/**
 * The grammar of JSON texts without those in which a string, or a name, holds one of `excludes` as it is written. Undefined
 * where that cannot be told lexeme by lexeme.
 */
export function withoutStrings(
  grammar: Grammar,
  excludes: readonly string[],
  limits: AutomatonLimits & FreeTextLimits,
): Grammar | undefined {
  if (excludes.some((text) => text.includes('"') || OUTSIDE.test(text))) return undefined;
  const merged = mergeRegular(grammar);
  const free = textWithout(excludes, limits);
  const begun = endsInside(excludes, limits);
  let isSure = true;
  const narrowed = (dfa: Dfa): Node => {
    const rest = intersectDfa(dfa, free, limits);
    if (!isEmptyLanguage(intersectDfa(rest, begun, limits))) isSure = false;
    return regular(rest);
  };
  const known = new Map<Node, Node>();
  const restrict = (node: Node): Node => {
    const done = known.get(node) ?? restrictNode(node);
    known.set(node, done);
    return done;
  };
  const restrictNode = (node: Node): Node => {
    switch (node.kind) {
      case 'bytes': {
        const rest = narrowed(literalDfa(node.bytes));
        return rest.kind === 'never' ? NEVER : node;
      }
      case 'regular': {
        const rest = narrowed(node.dfa);
        return rest.kind === 'regular' && node.quiet ? { ...rest, quiet: true } : rest;
      }
      case 'sequence':
        return sequenceOf(node.items.map(restrict));
      case 'choice':
        return choiceOf(node.options.map(restrict));
      case 'repeat':
        return repeat(restrict(node.item), node.min, node.max);
      case 'scope':
        return scope(restrict(node.body));
      default:
        return node;
    }
  };
  const rules = merged.rules.map((rule) => ({ ...rule, body: restrict(rule.body) }));
  const start = restrict(merged.start);
  return isSure ? { rules, start } : undefined;
}

/** Byte strings at whose end one of `texts` has begun and is not complete: the next lexeme might complete it. */
function endsInside(texts: readonly string[], limits: AutomatonLimits): Dfa {
  const encoder = new TextEncoder();
  const nfa = new NfaBuilder();
  const start = nfa.state();
  nfa.edge(start, 0, 0xff, start);
  const accepting: number[] = [];
  for (const text of texts) {
    let at = start;
    for (const byte of encoder.encode(text).subarray(0, -1)) {
      const next = nfa.state();
      nfa.edge(at, byte, byte, next);
      accepting.push(next);
      at = next;
    }
  }
  return nfa.toDfa(start, accepting, limits);
}
