// Random JSON Schemas of the supported subset, and random instances read off the compiled automaton.
import fc from 'fast-check';
import { type ConfigurationSet, EDGE_WORDS, type Machine, readsByte } from '../../src/automata/index.js';

const names = ['a', 'b', 'ab', 'name', 'née', 'x y', '"q"', '\\', '数', 'items', 'a/b'];
const patterns = ['^[a-c]+$', 'x', '^\\d{3}-\\d{2}$', '^(foo|ba[rz])$', '[^"]y$', '^é.*z$'];
const literals = [null, true, false, 0, -1, 12, 1.5, 'a', 'abc', 'é"\\', '', [1, 'a'], { k: [null] }];

const bounds = (max: number) =>
  fc.tuple(fc.nat(max), fc.nat(max)).map(([a, b]) => (a < b ? [a, b] : [b, a]) as [number, number]);

const leaves = fc.oneof(
  fc.constantFrom({ type: 'null' }, { type: 'boolean' }, {}, true, { type: 'string' }, { type: 'number' }),
  fc.constantFrom(...literals).map((value) => ({ const: value })),
  fc
    .uniqueArray(fc.constantFrom(...literals), { minLength: 1, maxLength: 5 })
    .map((values) => ({ enum: values })),
  bounds(400).map(([a, b]) => ({ type: 'integer', minimum: a - 200, maximum: b - 200 })),
  bounds(40).map(([a, b]) => ({ type: 'number', minimum: a / 8, exclusiveMaximum: b / 4 + 1 })),
  bounds(6).map(([minLength, maxLength]) => ({ type: 'string', minLength, maxLength })),
  fc.constantFrom(...patterns).map((pattern) => ({ type: 'string', pattern, maxLength: 12 })),
  fc.constant({ $ref: '#/$defs/tree' }),
);

const schemas = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    leaves,
    tie('schema').map((items) => ({ type: 'array', items })),
    fc
      .tuple(fc.array(tie('schema'), { maxLength: 2 }), tie('schema'), bounds(4))
      .map(([prefixItems, items, [minItems, more]]) => ({
        type: 'array',
        ...(prefixItems.length > 0 ? { prefixItems } : {}),
        items,
        minItems,
        maxItems: more + 2,
      })),
    object(tie('schema')),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
})).schema;

/** A schema that is usually satisfiable; compile refuses the rest by name. It may be recursive, through `tree`. */
export const randomSchema: fc.Arbitrary<unknown> = fc.tuple(schemas, leaves).map(([schema, value]) => {
  const children = { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 2 };
  const tree = { type: 'object', properties: { value, children } };
  return typeof schema === 'object' ? { ...schema, $defs: { tree } } : schema;
});

function object(schema: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 }),
      fc.infiniteStream(schema),
      fc.infiniteStream(fc.boolean()),
      fc.oneof(fc.constant(false), fc.constant(true), schema),
    )
    .map(([keys, values, required, additionalProperties]) => ({
      type: 'object',
      properties: Object.fromEntries(keys.map((key) => [key, values.next().value])),
      required: keys.filter(() => required.next().value),
      additionalProperties,
    }));
}

/** " ] } and ). */
const CLOSERS: ReadonlySet<number> = new Set([0x22, 0x5d, 0x7d, 0x29]);
/** Bytes that a walk may draw in vain where a value has to differ from earlier ones. */
const MAX_REFUSED = 10_000;

/**
 * A sentence of the grammar by a random walk, as bytes, or the rest of one from a set on; undefined when it does not end
 * within `maxBytes`. The walk prefers to end once it is half way, so that recursion comes to an end.
 */
export function randomSentence(
  machine: Machine,
  random: () => number,
  maxBytes: number,
  from: ConfigurationSet = machine.start,
): Uint8Array | undefined {
  const bytes: number[] = [];
  let refused = 0;
  for (let set = from; bytes.length <= maxBytes; ) {
    if (set.accepting && (set.states.length === 0 || random() < 0.3)) return Uint8Array.from(bytes);
    const choices: number[] = [];
    for (const state of set.states)
      for (let e = machine.pda.edgeStart[state]; e < machine.pda.edgeStart[state + 1]; e++) {
        const [kind, lo, hi] = machine.pda.edges.subarray(e * EDGE_WORDS, e * EDGE_WORDS + 3);
        if (readsByte(kind)) choices.push(lo + Math.floor(random() * (hi - lo + 1)));
      }
    const closers = choices.filter((byte) => CLOSERS.has(byte));
    const late = bytes.length > maxBytes / 3 && closers.length > 0 && random() < 0.8;
    const pool = late
      ? closers
      : choices.filter(
          (byte) => (byte !== 0x20 && byte !== 0x0a && byte !== 0x09 && byte !== 0x0d) || random() < 0.2,
        );
    const open = pool.length > 0 ? pool : choices;
    const byte = open[Math.floor(random() * open.length)];
    const next = machine.step(set, byte);
    if (next === null) {
      // Only where a value has to differ from earlier ones, or a text has to pass a check, may a byte of an edge be refused.
      if (!set.configurations.some(({ track }) => track) || ++refused > MAX_REFUSED)
        throw new Error('no edge of the set can be taken');
      continue;
    }
    set = next;
    bytes.push(byte);
  }
  return undefined;
}

/** A seeded generator (mulberry32) for choices that fast-check does not need to shrink. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
