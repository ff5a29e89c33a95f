// Grammars that use registers, with the set of JSON values they stand for: objects in any order of their properties, with
// counts, and arrays of distinct items.
import fc from 'fast-check';
import { literalsDfa, repeatDfa, symbolsDfa } from '../../src/automata/index.js';
import {
  bytes,
  choice,
  type Grammar,
  GrammarBuilder,
  type Node,
  op,
  quiet,
  regular,
  repeat,
  scope,
  sequence,
} from '../../src/grammar/index.js';

export interface RegisterGrammar {
  readonly grammar: Grammar;
  /** What the grammar promises of every value. */
  readonly holds: (value: unknown) => boolean;
}

const encoder = new TextEncoder();
const space = quiet(repeatDfa(symbolsDfa([[0x20, 0x20]]), 0, 2));
const literals = (texts: readonly string[]) =>
  regular(literalsDfa(texts.map((text) => encoder.encode(text))));

/** Item languages: each with at least `size` values. */
const items: readonly { readonly node: Node; readonly size: number }[] = [
  { node: literals(['1', '12', '123', '2', '21']), size: 5 },
  { node: literals(['"a"', '"ab"', '"b"', 'true']), size: 4 },
  { node: sequence(bytes('['), space, literals(['1', '2', '3']), space, bytes(']')), size: 3 },
  { node: repeat(regular(symbolsDfa([[0x31, 0x39]])), 1, 3), size: 800 },
  { node: sequence(bytes('{"id":'), space, literals(['1', '10', '2']), space, bytes(',"x":true}')), size: 3 },
];

/** `[item, …]` with `min` to `max` items, no two equal. */
function distinctArray(item: Node, min: number, max: number): Node {
  const builder = new GrammarBuilder();
  const tracked = sequence(op({ kind: 'begin' }), item, op({ kind: 'distinct' }));
  const count = op({ kind: 'count', limit: max });
  const rest = builder.declare('rest');
  const close = sequence(op({ kind: 'atLeast', min }), bytes(']'));
  builder.define(rest, choice(sequence(count, bytes(','), space, tracked, space, rest), close));
  const { rules } = builder.build(rest);
  const first = max === 0 ? [] : [sequence(count, tracked, space, rest)];
  const body = sequence(bytes('['), space, choice(...first, ...(min === 0 ? [bytes(']')] : [])));
  return attach(scope(body), rules);
}

/** The rules of the node under construction: {@link register} collects them. */
let collected: Grammar['rules'] = [];

function attach(node: Node, rules: Grammar['rules']): Node {
  const offset = collected.length;
  const shift = (inner: Node): Node => {
    switch (inner.kind) {
      case 'reference':
        return { kind: 'reference', rule: inner.rule + offset };
      case 'sequence':
        return { kind: 'sequence', items: inner.items.map(shift) };
      case 'choice':
        return { kind: 'choice', options: inner.options.map(shift) };
      case 'scope':
        return { kind: 'scope', body: shift(inner.body) };
      default:
        return inner;
    }
  };
  collected = [...collected, ...rules.map((rule) => ({ ...rule, body: shift(rule.body) }))];
  return shift(node);
}

function build(make: () => Node): Grammar {
  collected = [];
  const start = make();
  return { rules: collected, start };
}

/** `{"a":1, …}`: each of `names` at most once in any order, those before `required` always. */
function anyOrder(names: readonly string[], required: number): Node {
  const builder = new GrammarBuilder();
  const member = (name: string, bit: number) =>
    sequence(
      op({ kind: 'room', from: bit, to: bit + 1 }),
      bytes(JSON.stringify(name)),
      op({ kind: 'mark', bit }),
      bytes(':'),
      space,
      literals(['1', '2']),
    );
  const members = choice(...names.map(member));
  const rest = builder.declare('rest');
  const close = sequence(op({ kind: 'marked', from: 0, to: required }), bytes('}'));
  const room = op({ kind: 'room', from: 0, to: names.length });
  builder.define(rest, choice(sequence(room, bytes(','), space, members, space, rest), close));
  const { rules } = builder.build(rest);
  const first = sequence(members, space, rest);
  return attach(scope(sequence(bytes('{'), space, required > 0 ? first : choice(first, bytes('}')))), rules);
}

const distinctArrays = fc
  .tuple(fc.constantFrom(...items), fc.nat(2), fc.nat(3))
  .map(([{ node, size }, min, more]): RegisterGrammar => {
    const max = Math.min(size, min + more);
    return {
      grammar: build(() => distinctArray(node, min, max)),
      holds: (value) =>
        Array.isArray(value) &&
        value.length >= min &&
        value.length <= max &&
        new Set(value.map((item) => JSON.stringify(item))).size === value.length,
    };
  });

const nestedArrays = fc.constantFrom(...items.slice(0, 3)).map(
  ({ node }): RegisterGrammar => ({
    grammar: build(() => distinctArray(distinctArray(node, 1, 2), 1, 4)),
    holds: (value) => {
      const all = value as unknown[][];
      const isSet = (list: readonly unknown[]) =>
        new Set(list.map((item) => JSON.stringify(item))).size === list.length;
      return isSet(all) && all.every((inner) => isSet(inner));
    },
  }),
);

const anyOrders = fc
  .tuple(fc.subarray(['a', 'ab', 'b', 'x', 'yy'], { minLength: 1 }), fc.nat(5))
  .map(([names, most]): RegisterGrammar => {
    const required = Math.min(most, names.length);
    return {
      grammar: build(() => anyOrder(names, required)),
      holds: (value) => {
        const keys = Object.keys(value as object);
        return names.slice(0, required).every((name) => keys.includes(name));
      },
    };
  });

export const registerGrammar: fc.Arbitrary<RegisterGrammar> = fc.oneof(
  distinctArrays,
  nestedArrays,
  anyOrders,
);

/** A text in which no object names a member twice. */
export function hasNoDuplicates(text: string): boolean {
  const compact = text.replaceAll(' ', '');
  return JSON.stringify(JSON.parse(compact)) === compact;
}
