// The front end as one function: reads the schema, folds it into canonical form, checks that it can be satisfied,
// and lowers it. Each stage is a file of its own; this one wires them and holds the options with their defaults.
import type { AutomatonLimits } from '../../automata/index.js';
import { EMPTY, type Grammar } from '../../grammar/index.js';
import type { RegexOptions } from '../regex/index.js';
import { ArrayPlans } from './array-plan.js';
import { Canonicalizer } from './canonical.js';
import type { ContentPolicy } from './content.js';
import { SchemaDocument } from './document.js';
import { Documents } from './documents.js';
import { ShapeEmptiness, TermEmptiness } from './emptiness.js';
import { type Annotation, atEveryPlace, Findings, type Unenforced } from './findings.js';
import { parseJsonText } from './json-text.js';
import { fromJavaScript } from './json-value.js';
import { Lowering, type PropertyOrder } from './lowering.js';
import { ObjectPlans } from './object-plan.js';
import { ObjectAlgebra } from './objects.js';
import { type FormatPolicy, StringLanguages } from './string-languages.js';
import { StringLexemes } from './string-lexemes.js';
import { type Term, TermTable } from './terms.js';
import { refuseUnsatisfiable } from './unsatisfiable.js';
import { type WhitespacePolicy, whitespaceNode } from './whitespace.js';

export interface JsonSchemaOptions extends AutomatonLimits, Pick<RegexOptions, 'regexSyntax'> {
  /**
   * `schema` (default): properties come in the order of the schema. `any`: in any order, listed ones at most once; names
   * that are not listed are compared only where it matters (minProperties above 1, and rules such as `not`).
   */
  readonly propertyOrder?: PropertyOrder;
  /** White space between tokens; default `flexible`. */
  readonly whitespace?: WhitespacePolicy;
  /** Longest run of white space between two tokens, in bytes; default 20. */
  readonly maxWhitespace?: number;
  /** Allow white space before and after the whole value too; default false. */
  readonly surroundingWhitespace?: boolean;
  /**
   * `enforce` (default): `format` restricts strings where docs/json-schema.md lists the format as enforced. `annotate`:
   * it never does, as the specification has it by default. `openapi`: formats of OpenAPI's registry restrict as well. Any
   * other name is listed in `annotations`.
   */
  readonly formats?: FormatPolicy;
  /**
   * `annotate` (default): `contentEncoding` and `contentMediaType` restrict nothing, as the specification has it. `enforce`:
   * base64 and application/json restrict strings; both together, and `contentSchema`, are refused.
   */
  readonly content?: ContentPolicy;
  /**
   * Schemas (or metaschemas) by absolute URL, as values or JSON text: what references that leave the schema lead to.
   * Nothing is ever fetched.
   */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** List what cannot be enforced in `unenforced`, and go on without it, instead of refusing it; default false. */
  readonly lenient?: boolean;
  /** Deepest nesting of the schema, and longest chain of schemas for one value; default 500. */
  readonly maxDepth?: number;
  /** Most JSON values in the schema document; default 1,000,000. */
  readonly maxSchemaNodes?: number;
  /** Most alternatives that anyOf, oneOf and allOf may multiply to, for one value; default 4,096. */
  readonly maxAlternatives?: number;
  /** Most different schemas, and intersections of them, that are expanded; default 200,000. */
  readonly maxTerms?: number;
  /** Most states of the automaton of a pattern or format together with minLength and maxLength; default 4,000. */
  readonly maxStringStates?: number;
  /** Most disjoint classes of names that patternProperties of one object may make; default 64. */
  readonly maxKeyClasses?: number;
  /**
   * Most states of one object beyond its number of properties, where rules about which properties go together meet
   * (dependencies, oneOf, minProperties …); default 10,000.
   */
  readonly maxMemberStates?: number;
  /** Most digits of a number that bounds or is a value; default 1,000. */
  readonly maxNumberDigits?: number;
  /** Most remainders that the digits of a `multipleOf` may leave, for each of its decimal places; default 20,000. */
  readonly maxDivisor?: number;
  /**
   * How numbers are written. `plain` (default): integers without point and exponent, other numbers without exponent where
   * a bound, `multipleOf`, `enum` or `const` restricts them. `any`: every spelling of a number's value, with exponents from
   * -20 to 20, and of any size where the set has no end there (`1.0`, `1.50e1` and `1e3` are integers, but in draft 4).
   */
  readonly integers?: 'plain' | 'any';
}

export interface JsonSchemaResult {
  readonly grammar: Grammar;
  /** Keywords that restrict nothing by the specification though people may expect it, such as unknown formats. */
  readonly annotations: readonly Annotation[];
  /** Keywords left out on request; only with `lenient`. */
  readonly unenforced: readonly Unenforced[];
}

const DEFAULTS = {
  maxDepth: 500,
  maxSchemaNodes: 1_000_000,
  maxAlternatives: 4_096,
  maxTerms: 200_000,
  maxNumberDigits: 1_000,
  maxDivisor: 20_000,
  integers: 'plain' as const,
  maxStringStates: 4_000,
  maxWhitespace: 20,
  maxKeyClasses: 64,
  maxMemberStates: 10_000,
};

/**
 * Compiles a JSON Schema to the grammar of the JSON texts that satisfy it, properties in the order of the schema.
 * @param schema the schema as a JavaScript value (as JSON.parse returns it) or as JSON text; text keeps the order of
 *   all properties and every digit of its numbers.
 * @throws CompileError `invalid_schema`, `unsupported_keyword`, `unresolved_reference`, `unsatisfiable`,
 *   `invalid_regex` or `unsupported_regex`, with the JSON pointer at fault; LimitError naming the limit reached.
 */
export function jsonSchemaGrammar(schema: unknown, options: JsonSchemaOptions = {}): JsonSchemaResult {
  const limits = { ...DEFAULTS, ...options };
  const json = typeof schema === 'string' ? parseJsonText(schema, limits) : fromJavaScript(schema, limits);
  const document = new SchemaDocument(json, new Documents(options.documents ?? {}, limits));
  const findings = new Findings(options.lenient ?? false);
  const terms = new TermTable();
  const strings = new StringLexemes(limits);
  const plans = new ObjectPlans(terms, limits);
  const arrays = new ArrayPlans(terms);
  const shapes = new ShapeEmptiness(strings, plans, arrays, limits);
  const context = {
    document,
    terms,
    limits,
    objects: new ObjectAlgebra(terms, limits),
    languages: new StringLanguages(
      limits,
      findings,
      options.formats ?? 'enforce',
      options.content ?? 'annotate',
    ),
  };
  const canonical = new Canonicalizer(context, shapes, findings, limits);
  const expand = (term: Term) => canonical.expand(term);
  const emptiness = new TermEmptiness(expand, shapes);
  const holdsValue = (term: Term) => emptiness.holdsValue(term);

  const root = terms.schema(document.root);
  if (!holdsValue(root)) refuseUnsatisfiable(root, { expand, holdsValue });
  const propertyOrder = options.propertyOrder ?? 'schema';
  const space = whitespaceNode(options.whitespace ?? 'flexible', limits.maxWhitespace);
  const lowering = new Lowering(
    { expand, holdsValue },
    strings,
    { objects: plans, arrays, terms },
    findings,
    { space, propertyOrder, limits },
  );
  const around = options.surroundingWhitespace ? space : EMPTY;
  return {
    grammar: lowering.grammar(root, around),
    annotations: atEveryPlace(findings.annotations, terms.sharedPlaces),
    unenforced: atEveryPlace(findings.unenforced, terms.sharedPlaces),
  };
}
