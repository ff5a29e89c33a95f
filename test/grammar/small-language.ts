// A brute-force oracle for small grammars: the sentences over {a, b} up to a length, by iterating the rules' sets
// of strings until they stop growing. A string is a number: a leading 1, then one bit a letter (a = 0, b = 1).
import fc from 'fast-check';
import {
  bytes,
  choice,
  EMPTY,
  type Grammar,
  NEVER,
  type Node,
  regular,
  repeat,
  sequence,
} from '../../src/grammar/index.js';

const A = 97;
const B = 98;

/** The sentences of `grammar` up to `length` letters, shortest first. */
export function languageOf(grammar: Grammar, length = 6): string[] {
  return words(ruleLanguages(grammar, length).ofNode(grammar.start));
}

/** The strings that one node of `grammar` matches, up to `length` letters, shortest first. */
export function languageOfNode(grammar: Grammar, node: Node, length = 6): string[] {
  return words(ruleLanguages(grammar, length).ofNode(node));
}

function ruleLanguages(grammar: Grammar, length: number) {
  const limit = 2 ** (length + 1);
  const sets: Uint8Array[] = grammar.rules.map(() => new Uint8Array(limit));
  const ofNode = (node: Node): Uint8Array => evaluate(node, sets, limit);
  for (let changed = true; changed; ) {
    changed = false;
    grammar.rules.forEach(({ body }, rule) => {
      const next = ofNode(body);
      if (next.some((bit, i) => bit !== sets[rule][i])) changed = true;
      sets[rule] = next;
    });
  }
  return { ofNode };
}

function evaluate(node: Node, sets: readonly Uint8Array[], limit: number): Uint8Array {
  const result = new Uint8Array(limit);
  switch (node.kind) {
    case 'empty':
      result[1] = 1;
      return result;
    case 'never':
      return result;
    case 'bytes': {
      const word = node.bytes.reduce((code, byte) => code * 2 + (byte === B ? 1 : 0), 1);
      if (word < limit && node.bytes.every((byte) => byte === A || byte === B)) result[word] = 1;
      return result;
    }
    case 'regular':
      for (let word = 1; word < limit; word++) if (runs(node.dfa, word)) result[word] = 1;
      return result;
    case 'sequence':
      return node.items.map((item) => evaluate(item, sets, limit)).reduce(concatenate);
    case 'choice':
      for (const option of node.options)
        evaluate(option, sets, limit).forEach((bit, word) => {
          result[word] |= bit;
        });
      return result;
    case 'repeat':
      return power(evaluate(node.item, sets, limit), node.min, node.max, limit);
    case 'reference':
      return sets[node.rule];
    default:
      throw new Error(`a node of kind ${node.kind} has no set of words`);
  }
}

function runs(dfa: (Node & { kind: 'regular' })['dfa'], word: number): boolean {
  let state = 0;
  for (let bit = 30 - Math.clz32(word); bit >= 0; bit--) {
    const letter = (word >> bit) & 1 ? B : A;
    const edge = dfa.edges[state].find(({ lo, hi }) => lo <= letter && letter <= hi);
    if (!edge) return false;
    state = edge.to;
  }
  return dfa.accept[state] === 1;
}

function concatenate(left: Uint8Array, right: Uint8Array): Uint8Array {
  const result = new Uint8Array(left.length);
  for (let l = 1; l < left.length; l++) {
    if (!left[l]) continue;
    for (let r = 1; r < right.length; r++) {
      if (!right[r]) continue;
      const size = 31 - Math.clz32(r);
      const word = (l << size) | (r & ((1 << size) - 1));
      if (word >= result.length) break;
      result[word] = 1;
    }
  }
  return result;
}

function power(item: Uint8Array, min: number, max: number, limit: number): Uint8Array {
  let exactly: Uint8Array = new Uint8Array(limit);
  exactly[1] = 1;
  const result = new Uint8Array(limit);
  // After `min` rounds, as many more as there are letters reach every word.
  const rounds = Math.min(max, min + Math.log2(limit));
  for (let count = 0; count <= rounds; count++) {
    if (count >= min)
      exactly.forEach((bit, word) => {
        result[word] |= bit;
      });
    exactly = concatenate(exactly, item);
  }
  return result;
}

function words(set: Uint8Array): string[] {
  const found: string[] = [];
  set.forEach((bit, word) => {
    if (bit) found.push(word.toString(2).slice(1).replaceAll('0', 'a').replaceAll('1', 'b'));
  });
  return found;
}

function dfa(accept: number[], ...edges: [number, number, number][][]) {
  return {
    edges: edges.map((state) => state.map(([lo, hi, to]) => ({ lo, hi, to }))),
    accept: Uint8Array.from(accept),
  };
}

/** Minimal automata of a*, (ab)*, a*b or nothing, and one letter. */
export const sampleDfas = [
  dfa([1], [[A, A, 0]]),
  dfa([1, 0], [[A, A, 1]], [[B, B, 0]]),
  dfa(
    [1, 0, 1],
    [
      [A, A, 1],
      [B, B, 2],
    ],
    [
      [A, A, 1],
      [B, B, 2],
    ],
    [],
  ),
  dfa([0, 1], [[A, B, 1]], []),
];

function nodes(ruleCount: number): fc.Arbitrary<Node> {
  const leaf = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'ab').map((text) => bytes(text)) },
    { weight: 2, arbitrary: fc.constant(EMPTY) },
    { weight: 1, arbitrary: fc.constant(NEVER) },
    { weight: 2, arbitrary: fc.constantFrom(...sampleDfas).map(regular) },
    {
      weight: 8,
      arbitrary: fc.nat(ruleCount - 1).map((rule): Node => ({ kind: 'reference', rule })),
    },
  );
  return fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { minLength: 2, maxLength: 4 }).map((items) => sequence(...items)),
      fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((options) => choice(...options)),
      fc
        .tuple(tie('node'), fc.nat(2), fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY))
        .map(([item, min, extra]) => repeat(item, min, min + extra)),
    ),
  })).node;
}

/** Random grammars of one to four rules over {a, b}, recursive in every way. */
export const smallGrammars: fc.Arbitrary<Grammar> = fc.integer({ min: 1, max: 4 }).chain((count) =>
  fc.record({
    rules: fc
      .array(nodes(count), { minLength: count, maxLength: count })
      .map((bodies) => bodies.map((body, rule) => ({ name: `r${rule}`, body }))),
    start: fc.constant<Node>({ kind: 'reference', rule: 0 }),
  }),
);
