// Random small grammars over {a, b}, and a recogniser straight from the IR's definition to judge them by.
import fc from 'fast-check';
import { literalDfa, symbolsDfa, unionDfa } from '../../src/automata/index.js';
import {
  bytes,
  choice,
  EMPTY,
  type Grammar,
  type Node,
  regular,
  repeat,
  sequence,
} from '../../src/grammar/index.js';

const A = 0x61;
const B = 0x62;

const leaf: fc.Arbitrary<Node> = fc.constantFrom(
  bytes('a'),
  bytes('b'),
  bytes('ab'),
  EMPTY,
  regular(symbolsDfa([[A, B]])),
  regular(unionDfa(literalDfa([A, A, B]), literalDfa([B]))),
);

/** Nodes that refer to rules 0..rules-1, guarded by a byte where `guarded`, so that no rule is left-recursive. */
function node(rules: number, guarded: boolean): fc.Arbitrary<Node> {
  const reference = fc.nat(rules - 1).map((rule): Node => ({ kind: 'reference', rule }));
  return fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      guarded ? reference.map((to) => sequence(bytes('a'), to)) : reference,
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((items) => sequence(...items)),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((options) => choice(...options)),
      fc
        .tuple(tie('node'), fc.nat(3), fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY))
        .map(([item, min, more]) => repeat(item, min, min + more)),
    ),
  })).node;
}

/** A grammar of three rules; with `guarded`, free of left recursion. */
export function randomGrammar(guarded: boolean): fc.Arbitrary<Grammar> {
  return fc.tuple(...[0, 1, 2].map(() => node(3, guarded))).map((bodies) => ({
    rules: bodies.map((body, i) => ({ name: `r${i}`, body })),
    start: { kind: 'reference', rule: 0 },
  }));
}

/** All words over {a, b} up to a length, shortest first. */
export function wordsUpTo(length: number): Uint8Array[] {
  const words: number[][] = [[]];
  for (let at = 0; at < words.length && words[at].length < length; at++)
    words.push([...words[at], A], [...words[at], B]);
  return words.map((word) => Uint8Array.from(word));
}

/**
 * Whether the grammar derives the word: the least solution of "node derives word[i..j]", by iteration to a fixed point
 * over sets of end positions. Slow and plain on purpose.
 */
export function derives(grammar: Grammar, word: Uint8Array): boolean {
  const known = grammar.rules.map(() => Array.from(word, () => new Set<number>()).concat([new Set()]));
  const ends = (node: Node, at: number): Set<number> => {
    switch (node.kind) {
      case 'empty':
        return new Set([at]);
      case 'never':
        return new Set();
      case 'bytes':
        return new Set(node.bytes.every((byte, i) => word[at + i] === byte) ? [at + node.bytes.length] : []);
      case 'regular': {
        const found = new Set<number>();
        let state: number | undefined = 0;
        for (let i = at; state !== undefined; i++) {
          if (node.dfa.accept[state]) found.add(i);
          const edge: { to: number } | undefined = node.dfa.edges[state].find(
            ({ lo, hi }) => lo <= word[i] && word[i] <= hi,
          );
          state = edge?.to;
        }
        return found;
      }
      case 'sequence': {
        let from = new Set([at]);
        for (const item of node.items) from = new Set([...from].flatMap((i) => [...ends(item, i)]));
        return from;
      }
      case 'choice':
        return new Set(node.options.flatMap((option) => [...ends(option, at)]));
      case 'repeat': {
        const rounds = Math.min(node.max, node.min + word.length + 1);
        const found = new Set<number>(node.min === 0 ? [at] : []);
        let here = new Set([at]);
        for (let round = 1; round <= rounds; round++) {
          here = new Set([...here].flatMap((i) => [...ends(node.item, i)]));
          if (round >= node.min) for (const i of here) found.add(i);
        }
        return found;
      }
      case 'reference':
        return new Set(known[node.rule][at]);
      default:
        throw new Error(`a node of kind ${node.kind} has no ends of its own`);
    }
  };
  for (let changed = true; changed; ) {
    changed = false;
    grammar.rules.forEach((rule, r) => {
      for (let at = 0; at <= word.length; at++)
        for (const end of ends(rule.body, at))
          if (!known[r][at].has(end)) {
            known[r][at].add(end);
            changed = true;
          }
    });
  }
  return ends(grammar.start, 0).has(word.length);
}
