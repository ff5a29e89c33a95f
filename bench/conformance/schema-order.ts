// The option `--order schema`: an instance with its properties in the order in which the schema names them.
import { memberOf, parseRaw, printRaw, type RawJson } from './raw-json.js';

/**
 * The instance with the members of each object in the order of the schema's `properties`, others behind them as they
 * were. It follows `properties`, `items`, `prefixItems`, `additionalProperties` and local `$ref`; below anything less
 * plain the order stays.
 */
export function inSchemaOrder(instance: string, schema: string): string {
  const root = parseRaw(schema);
  return printRaw(reorder(parseRaw(instance), root, root));
}

function reorder(value: RawJson, schema: RawJson | undefined, root: RawJson): RawJson {
  const rules = resolved(schema, root);
  if (rules?.kind !== 'object' || value.kind === 'scalar') return value;
  if (value.kind === 'array') {
    const prefix = memberOf(rules, 'prefixItems') ?? memberOf(rules, 'items');
    const rest = memberOf(rules, 'items');
    const schemaOf = (i: number) =>
      prefix?.kind === 'array' ? (prefix.items[i] ?? (rest === prefix ? undefined : rest)) : rest;
    return { kind: 'array', items: value.items.map((item, i) => reorder(item, schemaOf(i), root)) };
  }
  const properties = memberOf(rules, 'properties');
  const names = properties?.kind === 'object' ? properties.members.map(([name]) => name) : [];
  const place = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length);
  const additional = memberOf(rules, 'additionalProperties');
  return {
    kind: 'object',
    members: value.members
      .toSorted(([left], [right]) => place(left) - place(right))
      .map(([name, member]) => [name, reorder(member, memberOf(properties, name) ?? additional, root)]),
  };
}

/** The schema behind a chain of local references, at most 100 long. */
function resolved(schema: RawJson | undefined, root: RawJson): RawJson | undefined {
  let at = schema;
  for (let hops = 0; hops < 100; hops++) {
    const reference = memberOf(at, '$ref');
    if (reference?.kind !== 'scalar') return at;
    const pointer: unknown = JSON.parse(reference.spelling);
    if (typeof pointer !== 'string' || !pointer.startsWith('#')) return undefined;
    at = pointer
      .slice(1)
      .split('/')
      .slice(1)
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<RawJson | undefined>((node, part) => step(node, part), root);
  }
  return undefined;
}

function step(node: RawJson | undefined, part: string): RawJson | undefined {
  return node?.kind === 'array' ? node.items[Number(part)] : memberOf(node, part);
}
