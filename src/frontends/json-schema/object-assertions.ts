// The object shape of a schema's own keywords: properties, patternProperties, additionalProperties, required, counts and
// which properties need which. What needs other schemas expanded (propertyNames, dependentSchemas) is in canonical.ts.
import { type Dfa, unionOfAll } from '../../automata/index.js';
import { type AssertionContext, childTerm, count } from './assertion-context.js';
import type { SchemaNode } from './document.js';
import { isArray, isObject, pointerToken } from './json-value.js';
import { EVERY_KEY, hasKey, type KeyClass, type KeyClasses, keysDfa, partitionOf } from './key-sets.js';
import { type Clause, clauseOf } from './presence.js';
import type { ObjectShape } from './shape.js';
import type { Term } from './terms.js';

/** The alternatives, none where the keywords exclude each other. */
export function objectShapes(node: SchemaNode, context: AssertionContext): ObjectShape[] {
  const { schema } = node;
  const matching = [...patternsOf(node, context)];
  const { patterns, additional } = keyClasses(node, matching, context);
  const properties = new Map<string, Term>();
  const declared = schema.get('properties');
  if (isObject(declared)) {
    for (const [name, value] of declared) {
      let term = childTerm(node, value, context, 'properties', name);
      for (const { keys, term: other } of matching)
        if (hasKey(keys, name)) term = context.terms.meet(term, other);
      properties.set(name, term);
    }
  }
  return context.objects.normal({
    properties,
    patterns,
    additional,
    required: new Set(schema.get('required') as readonly string[] | undefined),
    clauses: dependencyClauses(node),
    min: count(schema.get('minProperties'), 0),
    max: count(schema.get('maxProperties'), Number.POSITIVE_INFINITY),
    some: [],
    evaluated: context.document.hasUnevaluated ? evaluatedKeys(node, context) : undefined,
  });
}

/** The names that unevaluatedProperties around or beside this schema leaves alone. */
function evaluatedKeys(node: SchemaNode, context: AssertionContext): Dfa | undefined {
  const { schema } = node;
  if (schema.has('additionalProperties')) return EVERY_KEY;
  const declared = schema.get('properties');
  const keys = [...patternsOf(node, context)].map((pattern) => pattern.keys);
  if (isObject(declared) && declared.size > 0) keys.push(keysDfa(declared.keys()));
  return keys.length === 0 ? undefined : unionOfAll(keys, context.limits);
}

/** The classes of names that are not declared. */
function keyClasses(node: SchemaNode, patterns: readonly KeyClass[], context: AssertionContext): KeyClasses {
  const { terms, limits } = context;
  const rest = node.schema.get('additionalProperties');
  const additional = rest === undefined ? terms.any : childTerm(node, rest, context, 'additionalProperties');
  return partitionOf(patterns, additional, terms, limits);
}

function* patternsOf(node: SchemaNode, context: AssertionContext): Iterable<KeyClass> {
  const patterns = node.schema.get('patternProperties');
  if (!isObject(patterns)) return;
  for (const [source, value] of patterns) {
    const path = `patternProperties/${pointerToken(source)}`;
    yield {
      keys: context.languages.pattern(source, node.pointer, path),
      term: childTerm(node, value, context, 'patternProperties', source),
    };
  }
}

/** dependentRequired, and the arrays of `dependencies`: a property needs others. */
function dependencyClauses(node: SchemaNode): Clause[] {
  const clauses: Clause[] = [];
  for (const keyword of ['dependencies', 'dependentRequired']) {
    const dependencies = node.schema.get(keyword);
    if (!isObject(dependencies)) continue;
    for (const [name, needed] of dependencies) {
      if (!isArray(needed)) continue;
      for (const other of needed as readonly string[]) {
        const clause = clauseOf([
          { name, present: false },
          { name: other, present: true },
        ]);
        if (clause) clauses.push(clause);
      }
    }
  }
  return clauses;
}
