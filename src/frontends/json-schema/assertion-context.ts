// What the assertions of a schema are read with, and how a subschema and a count are read. Used by assertions.ts and its
// neighbours.
import type { Dfa } from '../../automata/index.js';
import type { ContentPolicy } from './content.js';
import { Decimal } from './decimal.js';
import type { SchemaDocument, SchemaNode } from './document.js';
import type { Dialect } from './documents.js';
import type { Json, JsonObject } from './json-value.js';
import type { KeyLimits } from './key-sets.js';
import type { ObjectAlgebra } from './objects.js';
import type { NumberShape } from './shape.js';
import type { FormatLanguage } from './string-languages.js';
import type { Term, TermTable } from './terms.js';

/** The automaton of a keyword on strings, or undefined where the keyword is an annotation only. */
export interface StringLanguages {
  pattern(source: string, pointer: string, keyword?: string): Dfa;
  format(name: string, pointer: string, dialect: Dialect): FormatLanguage | undefined;
  readonly contentPolicy: ContentPolicy;
  content(schema: JsonObject, pointer: string): FormatLanguage | undefined;
  numberFormat(name: string): NumberShape | undefined;
}

export interface AssertionContext {
  readonly document: SchemaDocument;
  readonly terms: TermTable;
  readonly languages: StringLanguages;
  readonly limits: KeyLimits;
  readonly objects: ObjectAlgebra;
}

/** The term of a subschema that a keyword of `node` holds, under a key or as it stands. */
export function childTerm(
  node: SchemaNode,
  value: Json,
  { document, terms }: AssertionContext,
  keyword: string,
  key?: string | number,
): Term {
  return terms.schema(document.child(node, value, keyword, key));
}

export function count(value: Json | undefined, otherwise: number): number {
  return value instanceof Decimal ? value.toNumber() : otherwise;
}
