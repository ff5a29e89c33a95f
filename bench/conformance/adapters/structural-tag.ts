// Structural tags of xgrammar's tests. Its labels say what xgrammar 0.2.8 does, also where it reads a schema in a way of its
// own: an object has no properties but those listed, and in any order they may be missing and repeat. The first is stated
// in the schema; labels that follow from the second do not count.
import type { Case, Judgement } from '../case.js';
import type { Adapter } from './adapter.js';

interface StructuralTagRow {
  readonly id: string;
  readonly structural_tag: unknown;
  readonly expect_error?: string;
  readonly tests: readonly {
    readonly text: string;
    readonly accept: boolean;
    readonly incomplete?: boolean;
  }[];
}

export const structuralTag: Adapter = {
  name: 'structural-tag',
  reads: (row) => 'structural_tag' in row,
  cases: (row) => {
    const { id, structural_tag: tag, expect_error: error, tests } = row as unknown as StructuralTagRow;
    const source = { structuralTag: withClosedSchemas(tag) };
    const made = (judgements: readonly Judgement[], unjudged: number): Case[] => [
      { id, kind: 'structural-tag', source, judgements, unjudged },
    ];
    // A token's text is unknown without a tokenizer there; here it is looked up when a matcher is opened.
    if (error?.includes('requires tokenizer_info')) return made([], 1);
    if (error !== undefined) return made([{ expect: 'refused' }], 0);
    if (tests.length === 0) return made([{ expect: 'compiles' }], 0);
    const text = JSON.stringify(tag);
    const anyOrder = text.includes('"any_order":true');
    const swallows = text.includes('_xml"') && /"(?:minLength|maxLength|pattern)"/.test(text);
    const all = tests.flatMap(judgementsOf);
    const judged = all.filter(
      ({ expect }) => !(anyOrder && expect !== 'reject') && !(swallows && expect === 'viable'),
    );
    return made(judged, all.length - judged.length);
  },
};

function judgementsOf({ text, accept, incomplete }: StructuralTagRow['tests'][number]): Judgement[] {
  const whole: Judgement = { expect: accept ? 'accept' : 'reject', text };
  return incomplete ? [whole, { expect: 'viable', text }] : [whole];
}

/** The tag with `additionalProperties: false` in every JSON object schema that lists properties and says nothing more. */
function withClosedSchemas(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withClosedSchemas);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === 'json_schema' || (key === 'schema' && 'begin' in value)
        ? stated(part)
        : withClosedSchemas(part),
    ]),
  );
}

/** The legacy form's schemas may be JSON text. */
function stated(schema: unknown): unknown {
  return typeof schema === 'string' && schema.startsWith('{')
    ? JSON.stringify(closed(JSON.parse(schema)))
    : closed(schema);
}

/** Every part of a schema is walked: what is no schema has no `properties`, but for names of properties called so. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]));
  const lists = typeof parts.properties === 'object' && !('additionalProperties' in parts);
  return lists ? { ...parts, additionalProperties: false } : parts;
}
