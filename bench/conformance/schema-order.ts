// The option `--order schema`: an instance with its properties in the order in which the schema names them.
import { memberOf, parseRaw, printRaw, type RawJson } from './raw-json.js';

/** Deepest chain of references and combinators that is followed for one value. */
const MAX_CHAIN = 50;

/**
 * The instance with the members of each object in the order in which the schema's text first names them, others behind
 * as they were. It follows `properties`, `additionalProperties`, `items`, `prefixItems`, local `$ref`, and into every
 * branch of `allOf`, `anyOf` and `oneOf`, whether it applies or not.
 */
export function inSchemaOrder(instance: string, schema: string): string {
  const root = parseRaw(schema);
  return printRaw(reorder(parseRaw(instance), [root], root));
}

/** `schemas` all speak about `value`. */
function reorder(value: RawJson, schemas: readonly RawJson[], root: RawJson): RawJson {
  if (value.kind === 'scalar') return value;
  const keywords: Keyword[] = [];
  for (const schema of schemas) collect(schema, root, keywords, 0);
  if (value.kind === 'array')
    return {
      kind: 'array',
      items: value.items.map((item, i) => reorder(item, itemSchemas(keywords, i), root)),
    };
  const named = new Map<string, RawJson[]>();
  for (const [key, properties] of keywords) {
    if (key !== 'properties' || properties.kind !== 'object') continue;
    for (const [name, schema] of properties.members) named.set(name, [...(named.get(name) ?? []), schema]);
  }
  const places = new Map([...named.keys()].map((name, place) => [name, place]));
  const place = (name: string) => places.get(name) ?? places.size;
  const others = keywords.filter(([key]) => key === 'additionalProperties').map(([, schema]) => schema);
  return {
    kind: 'object',
    members: value.members
      .toSorted(([left], [right]) => place(left) - place(right))
      .map(([name, member]) => [name, reorder(member, named.get(name) ?? others, root)]),
  };
}

type Keyword = readonly [key: string, value: RawJson];

/** The keywords of a schema in the order of its text, those behind references and in branches where they stand. */
function collect(schema: RawJson | undefined, root: RawJson, keywords: Keyword[], chain: number): void {
  if (schema?.kind !== 'object' || chain > MAX_CHAIN) return;
  for (const [key, value] of schema.members) {
    if (key === '$ref') collect(pointedTo(value, root), root, keywords, chain + 1);
    else if (value.kind === 'array' && (key === 'allOf' || key === 'anyOf' || key === 'oneOf'))
      for (const branch of value.items) collect(branch, root, keywords, chain + 1);
    else keywords.push([key, value]);
  }
}

function itemSchemas(keywords: readonly Keyword[], index: number): RawJson[] {
  return keywords.flatMap(([key, value]) => {
    if (key !== 'items' && key !== 'prefixItems') return [];
    return value.kind === 'array' ? value.items.slice(index, index + 1) : [value];
  });
}

/** What a reference within the document points to. */
function pointedTo(reference: RawJson, root: RawJson): RawJson | undefined {
  const pointer: unknown = reference.kind === 'scalar' ? JSON.parse(reference.spelling) : undefined;
  if (typeof pointer !== 'string' || !pointer.startsWith('#')) return undefined;
  let at: RawJson | undefined = root;
  for (const part of pointer.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = at?.kind === 'array' ? at.items[Number(key)] : memberOf(at, key);
  }
  return at;
}
