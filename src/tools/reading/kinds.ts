// Which kinds of JSON values a parameter's schema admits, as far as its keywords say. Text between tags is read by it.

export type Kind = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array';
export type Kinds = ReadonlySet<Kind>;
type Schema = Readonly<Record<string, unknown>>;

const ALL: readonly Kind[] = ['string', 'number', 'boolean', 'null', 'object', 'array'];
/** Names that some tools write in place of JSON Schema's. */
const OTHER_NAMES: Readonly<Record<string, Kind>> = {
  str: 'string',
  text: 'string',
  int: 'integer',
  float: 'number',
  double: 'number',
  bool: 'boolean',
  dict: 'object',
  list: 'array',
};
const MAX_DEPTH = 32;

/** The kinds of a parameter of an object schema; undefined when the schema does not tell. */
export function parameterKinds(parameters: Schema | undefined, name: string): Kinds | undefined {
  if (parameters === undefined) return undefined;
  const schema = memberSchema(parameters, name, parameters);
  return schema === undefined ? undefined : kindsOf(schema, parameters);
}

/** The schema of a property, of an element (`undefined` for the name), or undefined when there is none. */
export function memberSchema(schema: unknown, name: string | undefined, root: Schema): unknown {
  const at = resolve(schema, root);
  if (!isSchema(at)) return undefined;
  const direct = name === undefined ? at.items : propertyOf(at, name);
  if (direct !== undefined) return direct;
  for (const branch of branches(at)) {
    const found = memberSchema(branch, name, root);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The kinds of values that a schema admits; undefined when it does not tell. */
export function kindsOf(schema: unknown, root: Schema, depth = 0): Kinds | undefined {
  const at = resolve(schema, root);
  if (!isSchema(at) || depth > MAX_DEPTH) return undefined;
  if ('const' in at) return new Set([kindOf(at.const)]);
  if (Array.isArray(at.enum)) return new Set(at.enum.map(kindOf));
  if (at.type !== undefined) return new Set([at.type].flat().flatMap(named));
  const options = [at.anyOf, at.oneOf].find(Array.isArray);
  if (options !== undefined) {
    const kinds = options.map((option) => kindsOf(option, root, depth + 1));
    return new Set(kinds.flatMap((some) => [...(some ?? ALL)]));
  }
  const parts = Array.isArray(at.allOf) ? at.allOf.map((part) => kindsOf(part, root, depth + 1)) : [];
  const known = parts.find((part) => part !== undefined);
  if (known !== undefined) return known;
  if ('properties' in at) return new Set(['object']);
  return 'items' in at ? new Set(['array']) : undefined;
}

/** The kind of a value; whole numbers are numbers. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as Kind;
}

/** Whether a value is of one of the kinds. */
export function fits(value: unknown, kinds: Kinds): boolean {
  return kinds.has(kindOf(value)) || (Number.isInteger(value) && kinds.has('integer'));
}

function named(type: unknown): Kind[] {
  if (typeof type !== 'string') return [];
  if (type in OTHER_NAMES) return [OTHER_NAMES[type]];
  return type === 'integer' || ALL.includes(type as Kind) ? [type as Kind] : [];
}

function propertyOf(schema: Schema, name: string): unknown {
  const { properties, additionalProperties } = schema;
  if (isSchema(properties) && Object.hasOwn(properties, name)) return properties[name];
  return isSchema(additionalProperties) ? additionalProperties : undefined;
}

function branches(schema: Schema): unknown[] {
  return [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
}

function resolve(schema: unknown, root: Schema): unknown {
  let at = schema;
  for (let count = 0; isSchema(at) && typeof at.$ref === 'string' && count < MAX_DEPTH; count++)
    at = find(at.$ref, root);
  return at;
}

function find(reference: string, root: Schema): unknown {
  if (!reference.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const step of reference.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isSchema(at) || Array.isArray(at) ? (at as Schema)[name] : undefined;
  }
  return at;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
