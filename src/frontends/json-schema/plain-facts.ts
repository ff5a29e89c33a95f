// What is seen at a glance of the values of a term, without expanding it: their types, and the scalars where its schemas
// list them. Terms that these facts tell apart need no product, which keeps the alternatives of if, oneOf and not few.
import { Decimal } from './decimal.js';
import { refStandsAlone, type SchemaNode } from './document.js';
import { isArray, isObject, type Json } from './json-value.js';
import { isInert, roleOf } from './keywords.js';

/** Bits of types; a number is an integer or a fraction. */
const TYPES: ReadonlyMap<string, number> = new Map([
  ['null', 1],
  ['boolean', 2],
  ['integer', 4],
  ['number', 12],
  ['string', 16],
  ['array', 32],
  ['object', 64],
]);
const EVERY_TYPE = 127;

export interface Facts {
  /** A value has one of these types. */
  readonly types: number;
  /** A value is one of these scalars, by {@link scalarKey}; undefined where any other may be. */
  readonly values: ReadonlySet<string> | undefined;
  /** Each of `values` is one. */
  readonly exact: boolean;
}

export const NO_FACTS: Facts = { types: EVERY_TYPE, values: undefined, exact: false };

/** What `const`, `enum` and `type` say of a schema's values; the latter two are read once for each schema. */
export function schemaFacts(node: SchemaNode): Facts {
  const { schema, resource } = node;
  const { draft, without } = resource.dialect;
  if (without !== 'nothing' || refStandsAlone(node)) return NO_FACTS;
  const type = schema.get('type');
  const types = type === undefined ? EVERY_TYPE : typesOf(type);
  const constant = roleOf('const', draft) === 'asserts' ? schema.get('const') : undefined;
  const listed = constant === undefined ? schema.get('enum') : [constant];
  if (!isArray(listed)) return types === EVERY_TYPE ? NO_FACTS : { types, values: undefined, exact: false };
  let exact = true;
  for (const keyword of schema.keys())
    exact &&= keyword === 'enum' || keyword === 'const' || isInert(keyword);
  if (constant !== undefined && schema.has('enum')) exact = false;
  return listedFacts(listed, types, exact);
}

/** What is known of one JSON value. */
export function constantFacts(value: Json): Facts {
  return listedFacts([value], EVERY_TYPE, true);
}

function listedFacts(listed: readonly Json[], allowed: number, exact: boolean): Facts {
  const values = new Set<string>();
  let types = 0;
  for (const value of listed) {
    const type = typeOf(value);
    types |= type;
    if ((type & allowed) !== 0) values.add(scalarKey(value));
  }
  const scalars = (types & allowed & CONTAINERS) === 0;
  return { types: types & allowed, values: scalars ? values : undefined, exact: exact && scalars };
}

const CONTAINERS = 96;

function typesOf(type: Json): number {
  let types = 0;
  for (const name of isArray(type) ? type : [type]) types |= TYPES.get(name as string) ?? EVERY_TYPE;
  return types;
}

function typeOf(value: Json): number {
  if (value instanceof Decimal) return value.isInteger ? 4 : 8;
  if (value === null) return 1;
  if (typeof value === 'boolean') return 2;
  if (typeof value === 'string') return 16;
  return isObject(value) ? 64 : 32;
}

/** Equal for equal scalars. */
function scalarKey(value: Json): string {
  return typeof value === 'string' ? `"${value}` : String(value);
}

/** What is known of the values that two terms have in common. */
export function meetFacts(a: Facts, b: Facts): Facts {
  if (a === NO_FACTS) return b.exact ? { ...b, exact: false } : b;
  if (b === NO_FACTS) return a.exact ? { ...a, exact: false } : a;
  const types = a.types & b.types;
  if (!a.values || !b.values) return { types, values: a.values ?? b.values, exact: false };
  const [few, many] = a.values.size < b.values.size ? [a.values, b.values] : [b.values, a.values];
  const values = new Set<string>();
  for (const value of few) if (many.has(value)) values.add(value);
  return { types, values, exact: a.exact && b.exact };
}

/** True only where there is no value of which these facts hold. */
export function isNothing({ types, values }: Facts): boolean {
  return types === 0 || values?.size === 0;
}

/** True only where no value is both. */
export function areDisjoint(a: Facts, b: Facts): boolean {
  if ((a.types & b.types) === 0) return true;
  if (!a.values || !b.values) return false;
  const [few, many] = a.values.size < b.values.size ? [a.values, b.values] : [b.values, a.values];
  for (const value of few) if (many.has(value)) return false;
  return true;
}

/** True only where every value of which `a` holds is one of `b`. */
export function isWithin(a: Facts, b: Facts): boolean {
  if (!b.exact || !a.values || !b.values) return false;
  for (const value of a.values) if (!b.values.has(value)) return false;
  return true;
}
