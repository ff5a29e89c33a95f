import { CompileError } from '../../errors.js';
import { ArrayAlgebra } from './arrays.js';
import { type AssertionContext, childTerm, count } from './assertion-context.js';
import { Decimal } from './decimal.js';
import type { SchemaNode } from './document.js';
import { isArray } from './json-value.js';
import { draftName, TYPES } from './keywords.js';
import { intersectNumbers, tighter } from './number-sets.js';
import { objectShapes } from './object-assertions.js';
import {
  ANY_NUMBER,
  ANY_STRING,
  type ArrayShape,
  anyArray,
  anyObject,
  type Bound,
  type Contains,
  type NumberShape,
  numberRange,
  type Shape,
  type StringShape,
  stringClass,
} from './shape.js';
import type { FormatLanguage } from './string-languages.js';
import { intersectStrings } from './string-sets.js';
import type { Term } from './terms.js';

const NO_TYPES: ReadonlySet<string> = new Set();
/** Each type by itself. */
const ONLY: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [...TYPES].map((type) => [type, new Set([type])]),
);

/** The JSON types that `type` allows; all of them where it is absent. */
export function allowedTypes(node: SchemaNode): ReadonlySet<string> {
  const type = node.schema.get('type');
  if (typeof type === 'string') return ONLY.get(type) ?? NO_TYPES;
  return isArray(type) ? new Set(type as readonly string[]) : TYPES;
}

/** The shape of everything in `node` but enum, const and the in-place applicators. */
export function assertionShape(node: SchemaNode, context: AssertionContext): Shape {
  const type = node.schema.get('type');
  const all = typeof type !== 'string' && !isArray(type);
  const has = (name: string) => all || type === name || (isArray(type) && type.includes(name));
  const only = has('number') ? 'all' : 'integers';
  const about = context.document.hasUnevaluated ? EVERY_ASSERTION : assertionsOf(node);
  return {
    nulls: has('null'),
    booleans: has('boolean') ? 3 : 0,
    numbers: only === 'all' || has('integer') ? numberShapes(node, only, about, context) : [],
    strings: !has('string') ? [] : about & Assertion.strings ? stringShapes(node, context) : [ANY_STRING],
    arrays: !has('array')
      ? []
      : about & Assertion.arrays
        ? arrayShapes(node, context)
        : [anyArray(context.terms)],
    objects: !has('object')
      ? []
      : about & Assertion.objects
        ? objectShapes(node, context)
        : [anyObject(context.terms)],
  };
}

/** Which types of values a schema's keywords speak of, as bits of {@link Assertion}. */
function assertionsOf({ schema }: SchemaNode): number {
  let about = 0;
  for (const keyword of schema.keys()) about |= ASSERTIONS.get(keyword) ?? 0;
  return about;
}

const Assertion = { numbers: 1, strings: 2, arrays: 4, objects: 8 } as const;
const EVERY_ASSERTION = 15;

const ASSERTIONS: ReadonlyMap<string, number> = new Map<string, number>([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].map(
    (keyword) => [keyword, Assertion.numbers] as const,
  ),
  ['format', Assertion.numbers | Assertion.strings],
  ...['minLength', 'maxLength', 'pattern', 'contentEncoding', 'contentMediaType', 'contentSchema'].map(
    (keyword) => [keyword, Assertion.strings] as const,
  ),
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'contains', 'uniqueItems', 'additionalItems'].map(
    (keyword) => [keyword, Assertion.arrays] as const,
  ),
  ...[
    'properties',
    'required',
    'additionalProperties',
    'patternProperties',
    'minProperties',
    'maxProperties',
    'dependencies',
    'dependentRequired',
  ].map((keyword) => [keyword, Assertion.objects] as const),
]);

// Numbers

const ANY_INTEGER = numberRange({ only: 'integers' });
const ANY_PLAIN_INTEGER = numberRange({ only: 'integers', plain: true });

function numberShapes(
  node: SchemaNode,
  only: 'all' | 'integers',
  about: number,
  { languages }: AssertionContext,
): NumberShape[] {
  const lower = bound(node, 'minimum', 'exclusiveMinimum', 1);
  const upper = bound(node, 'maximum', 'exclusiveMaximum', -1);
  // Draft 4 knows integers by their text: numbers without fraction or exponent part.
  const isText = only === 'integers' && node.resource.dialect.draft === 4;
  if ((about & Assertion.numbers) === 0) {
    if (only === 'all') return [ANY_NUMBER];
    return [isText ? ANY_PLAIN_INTEGER : ANY_INTEGER];
  }
  const range = intersectNumbers(
    numberRange({
      only,
      plain: isText,
      lower,
      multiple: node.schema.get('multipleOf') as Decimal | undefined,
    }),
    numberRange({ only, upper }),
  );
  const format = node.schema.get('format');
  const formatted = typeof format === 'string' ? languages.numberFormat(format) : undefined;
  const numbers = range && formatted ? intersectNumbers(range, formatted) : range;
  return numbers ? [numbers] : [];
}

/** Reads a bound in the form of draft 4 (a boolean beside it makes it exclusive) or of the later drafts. */
function bound(node: SchemaNode, inclusive: string, exclusive: string, direction: 1 | -1): Bound | undefined {
  const limit = node.schema.get(inclusive) as Decimal | undefined;
  const strict = node.schema.get(exclusive) as Decimal | boolean | undefined;
  checkBoundForm(node, exclusive, strict);
  const plain = limit && { value: limit, exclusive: strict === true };
  if (!(strict instanceof Decimal)) return plain;
  return tighter(plain, { value: strict, exclusive: true }, direction);
}

function checkBoundForm(node: SchemaNode, keyword: string, value: Decimal | boolean | undefined): void {
  const { draft } = node.resource.dialect;
  if (value === undefined || draft === undefined) return;
  if ((draft === 4) === (typeof value === 'boolean')) return;
  throw new CompileError(
    'invalid_schema',
    `in ${draftName(draft)} '${keyword}' is ${draft === 4 ? 'true or false, beside the bound' : 'a number'}`,
    { pointer: `${node.pointer}/${keyword}`, keyword },
  );
}

// Strings

function stringShapes(node: SchemaNode, { languages, limits }: AssertionContext): StringShape[] {
  const { schema, pointer } = node;
  const min = count(schema.get('minLength'), 0);
  const max = count(schema.get('maxLength'), Number.POSITIVE_INFINITY);
  if (max < min) return [];
  const pattern = schema.get('pattern');
  const format = schema.get('format');
  const matching = typeof pattern === 'string' ? languages.pattern(pattern, pointer) : undefined;
  const formatted =
    typeof format === 'string' ? languages.format(format, pointer, node.resource.dialect) : undefined;
  const isUnbounded = min === 0 && max === Number.POSITIVE_INFINITY;
  const content = languages.content(schema, pointer);
  if (!matching && !formatted && !content && isUnbounded) return [ANY_STRING];
  const restricted = (found: FormatLanguage | undefined): StringShape =>
    stringClass({
      min,
      max,
      language: found?.language,
      plain: found !== undefined,
      whole: isUnbounded ? found?.whole : undefined,
    });
  const shape = [restricted(formatted), restricted(content)].reduce<StringShape | undefined>(
    (met, other) => met && intersectStrings(met, other, limits),
    stringClass({ min, max, language: matching }),
  );
  return shape ? [shape] : [];
}

// Arrays

function arrayShapes(node: SchemaNode, context: AssertionContext): ArrayShape[] {
  const { schema } = node;
  const { prefix, items } = itemTerms(node, context);
  const { evaluated, evaluatedBy } = context.document.hasUnevaluated
    ? evaluatedItems(node, context)
    : NONE_EVALUATED;
  const shape = new ArrayAlgebra(context.terms).normal({
    prefix,
    items,
    min: count(schema.get('minItems'), 0),
    max: count(schema.get('maxItems'), Number.POSITIVE_INFINITY),
    contains: containsRules(node, context),
    unique: schema.get('uniqueItems') === true ? true : undefined,
    evaluated,
    evaluatedBy,
  });
  return shape ? [shape] : [];
}

const NONE_EVALUATED = { evaluated: 0, evaluatedBy: [] };

/** What unevaluatedItems around or beside this schema leaves alone; from 2020-12 on also what `contains` finds. */
function evaluatedItems(node: SchemaNode, context: AssertionContext) {
  const { schema, resource } = node;
  const { prefix } = itemTerms(node, context);
  const items = schema.get('items');
  const rest = isArray(items) ? schema.get('additionalItems') : items;
  const counts = resource.dialect.draft !== 2019;
  return {
    evaluated: rest === undefined ? prefix.length : Number.POSITIVE_INFINITY,
    evaluatedBy: counts ? containsRules(node, context).map(({ term }) => term) : [],
  };
}

function containsRules(node: SchemaNode, context: AssertionContext): Contains[] {
  const { schema } = node;
  const item = schema.get('contains');
  if (item === undefined) return [];
  const term = childTerm(node, item, context, 'contains');
  const min = count(schema.get('minContains'), 1);
  return [{ term, min, max: count(schema.get('maxContains'), Number.POSITIVE_INFINITY), from: 0 }];
}

/** Items by position and the rest, as 2020-12 writes them (prefixItems, items) or as the drafts before do. */
function itemTerms(node: SchemaNode, context: AssertionContext): { prefix: readonly Term[]; items: Term } {
  const { schema, resource } = node;
  const prefixItems = schema.get('prefixItems');
  const items = schema.get('items');
  if (isArray(items) && (resource.dialect.draft === 2020 || prefixItems !== undefined)) {
    throw new CompileError(
      'invalid_schema',
      "in 2020-12 'items' is one schema; write the array of schemas as 'prefixItems'",
      { pointer: `${node.pointer}/items`, keyword: 'items' },
    );
  }
  const [positions, positional, rest, restKeyword] = isArray(items)
    ? ([items, 'items', schema.get('additionalItems'), 'additionalItems'] as const)
    : ([prefixItems, 'prefixItems', items, 'items'] as const);
  const prefix = isArray(positions)
    ? positions.map((item, index) => childTerm(node, item, context, positional, index))
    : [];
  return {
    prefix,
    items: rest === undefined ? context.terms.any : childTerm(node, rest, context, restKeyword),
  };
}
