// The canonical form: turns each schema of the document into a shape, and terms into the intersection of their parts.
// In-place applicators ($ref, allOf, anyOf, oneOf, not) are folded here; children stay terms and expand when asked.
import { checkDeadline, complementDfa, MAX_CODE_POINT, NO_LANGUAGE } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import { type AlgebraLimits, ShapeAlgebra } from './algebra.js';
import type { AssertionContext } from './assertion-context.js';
import { assertionShape } from './assertions.js';
import { refStandsAlone, type SchemaNode } from './document.js';
import type { ShapeEmptiness } from './emptiness.js';
import type { Findings } from './findings.js';
import { isArray, type Json, pointerToken } from './json-value.js';
import { EVERY_KEY } from './key-sets.js';
import { located } from './located.js';
import { reviewKeywords } from './review.js';
import { ANY_STRING, anyArray, anyObject, anything, NOTHING, type Shape } from './shape.js';
import { stringsDfa } from './string-sets.js';
import { tagsOf, tellApart } from './tags.js';
import type { Part, Term } from './terms.js';
import { valuesShape } from './values.js';

export interface CanonicalLimits extends AlgebraLimits {
  /** Longest chain of schemas that apply to one value: references, allOf, anyOf and their like. */
  readonly maxDepth: number;
}

/** A schema whose meaning depends on itself for the same value. */
class CircularSchemaError extends CompileError {
  constructor(pointer: string) {
    super('invalid_schema', 'the schema refers to itself without describing a value between', {
      pointer,
      keyword: '$ref',
    });
  }
}

/** How far below two arms of oneOf the search for a difference goes. */
const OVERLAP_DEPTH = 3;
/** Most arms of an anyOf whose sets are told apart, for what they evaluate. */
const MAX_NOTED_ARMS = 8;

/** A schema of allOf whose oneOf waits for what else is known of the value. */
interface Arm {
  readonly part: Part & { readonly kind: 'schema' };
}
type Factor = Shape | Arm;

function isArm(factor: Factor): factor is Arm {
  return 'part' in factor;
}

export class Canonicalizer {
  readonly #context: AssertionContext;
  readonly #limits: CanonicalLimits;
  readonly #findings: Findings;
  readonly #algebra: ShapeAlgebra;
  readonly #emptiness: ShapeEmptiness;
  readonly #ofTerm = new Map<Term, Shape>();
  readonly #ofPart = new Map<Part, Shape>();
  readonly #active = new Set<Part>();
  /** By schema, the keywords that it can do without; each is reviewed once. */
  readonly #ignored = new Map<SchemaNode, ReadonlySet<string>>();

  constructor(
    context: AssertionContext,
    emptiness: ShapeEmptiness,
    findings: Findings,
    limits: CanonicalLimits,
  ) {
    this.#context = context;
    this.#limits = limits;
    this.#findings = findings;
    this.#emptiness = emptiness;
    this.#algebra = new ShapeAlgebra(context.terms, limits);
  }

  /**
   * The shape of a term, its children unexpanded.
   * @throws CompileError for keywords that are not supported, references that lead nowhere or in a circle.
   */
  expand(term: Term): Shape {
    let shape = this.#ofTerm.get(term);
    if (!shape) {
      shape = term.impossible ? NOTHING : this.#all(term.parts.map((part) => this.#expandPart(part)));
      this.#ofTerm.set(term, shape);
    }
    return shape;
  }

  #all(shapes: readonly Shape[]): Shape {
    if (shapes.length === 0) return anything(this.#context.terms);
    return shapes.reduce((met, shape) => this.#algebra.intersect(met, shape));
  }

  #expandPart(part: Part): Shape {
    let shape = this.#ofPart.get(part);
    if (!shape) {
      shape = this.#entered(part, () => this.#partShape(part));
      this.#ofPart.set(part, shape);
    }
    return shape;
  }

  #entered(part: Part, shapeOf: () => Shape): Shape {
    checkDeadline();
    if (this.#active.has(part)) {
      throw new CircularSchemaError(part.pointer);
    }
    if (this.#active.size >= this.#limits.maxDepth) {
      throw new LimitError('maxDepth', this.#limits.maxDepth, 'too long a chain of schemas for one value', {
        pointer: part.pointer,
      });
    }
    this.#active.add(part);
    try {
      return located(part.pointer, shapeOf);
    } finally {
      this.#active.delete(part);
    }
  }

  #partShape(part: Part): Shape {
    const { terms } = this.#context;
    switch (part.kind) {
      case 'schema':
        return this.#schemaShape(part.node);
      case 'constant':
        return valuesShape([part.value], () => part.pointer, terms);
      case 'complement':
        return this.#complementOf(part.of, part.pointer) ?? anything(terms);
    }
  }

  /**
   * Intersects a schema's own assertions and its applicators. The order decides that of properties: $ref and allOf before
   * `properties` come first, as they stand; alternatives follow, as they refine what is there.
   */
  #schemaShape(node: SchemaNode, around?: Shape): Shape {
    if (refStandsAlone(node)) return this.#reference(node, node.schema.get('$ref') as string);
    let ignored = this.#ignored.get(node);
    if (!ignored) {
      ignored = reviewKeywords(node, this.#findings, this.#context.languages.contentPolicy);
      this.#ignored.set(node, ignored);
    }
    if (ignored.size > 0) {
      const schema = new Map([...node.schema].filter(([keyword]) => !ignored.has(keyword)));
      return this.#keywordsShape({ ...node, schema }, around);
    }
    return this.#keywordsShape(node, around);
  }

  #keywordsShape(node: SchemaNode, around: Shape | undefined): Shape {
    const siblings = this.#siblings(node, around);
    const arms = node.schema.get('oneOf');
    const shape = arms === undefined ? siblings : this.#oneOf(node, arms, siblings, around);
    return this.#context.document.hasUnevaluated ? this.#withUnevaluated(node, shape) : shape;
  }

  /** What all keywords but oneOf say. Arms of allOf with a oneOf come last, when it is known what is around them. */
  #siblings(node: SchemaNode, around: Shape | undefined): Shape {
    const before: Factor[] = [];
    const after: Factor[] = [assertionShape(node, this.#context)];
    let ahead = node.schema.has('properties');
    for (const [keyword, value] of node.schema) {
      if (keyword === 'properties') ahead = false;
      const leads = ahead && (keyword === '$ref' || keyword === 'allOf');
      const factors = leads ? before : after;
      if (keyword === 'allOf') factors.push(...this.#allOf(node, value as readonly Json[]));
      else {
        const factor = this.#applicator(node, keyword, value);
        if (factor) factors.push(factor);
      }
    }
    const factors = [...before, ...after];
    if (!factors.some(isArm)) return this.#all(factors as Shape[]);
    const known = factors.filter((factor): factor is Shape => !isArm(factor));
    const within = this.#all(around ? [...known, around] : known);
    return this.#all(factors.map((factor) => (isArm(factor) ? this.#armWithin(factor, within) : factor)));
  }

  #allOf(node: SchemaNode, arms: readonly Json[]): Factor[] {
    const { document, terms } = this.#context;
    return arms.map((arm, index) => {
      const child = document.child(node, arm, `/allOf/${index}`);
      const term = terms.schema(child);
      const [part] = term.parts;
      // What stands elsewhere is shared, and so expanded once, by itself.
      const isOwn = typeof child === 'object' && child.pointer === `${node.pointer}/allOf/${index}`;
      return isOwn && part.kind === 'schema' && child.schema.has('oneOf') ? { part } : this.expand(term);
    });
  }

  #armWithin({ part }: Arm, around: Shape): Shape {
    return this.#entered(part, () => this.#schemaShape(part.node, around));
  }

  /** What the other keywords, and those of schemas that they apply in place, have not evaluated. */
  #withUnevaluated(node: SchemaNode, shape: Shape): Shape {
    const { document, terms, limits } = this.#context;
    const rule = (keyword: string) => {
      const value = node.schema.get(keyword);
      return value === undefined ? undefined : terms.schema(document.child(node, value, `/${keyword}`));
    };
    const properties = rule('unevaluatedProperties');
    const items = rule('unevaluatedItems');
    const objects = !properties
      ? shape.objects
      : shape.objects.flatMap((object) => {
          const { evaluated = NO_LANGUAGE } = object;
          const keys = complementDfa(evaluated, MAX_CODE_POINT, limits);
          const patterns = [{ keys, term: properties }];
          const others = { ...anyObject(terms), patterns, evaluated: EVERY_KEY };
          return this.#context.objects.intersect(object, others);
        });
    const arrays = !items
      ? shape.arrays
      : shape.arrays.flatMap((array) => {
          const left = terms.either([items, ...array.evaluatedBy]);
          const isAll = array.evaluated === Number.POSITIVE_INFINITY;
          const prefix = isAll ? [] : Array.from({ length: array.evaluated }, () => terms.any);
          const rest = { prefix, items: isAll ? terms.any : left, evaluated: Number.POSITIVE_INFINITY };
          return this.#algebra.intersectArrays(array, { ...anyArray(terms), ...rest });
        });
    return { ...shape, objects, arrays };
  }

  /** A union; where it counts what is evaluated, with every set of arms that hold together. */
  #anyOf(node: SchemaNode, arms: readonly Shape[]): Shape {
    const isNoted = ({ objects, arrays }: Shape) =>
      objects.some(({ evaluated }) => evaluated) ||
      arrays.some(({ evaluated, evaluatedBy }) => evaluated > 0 || evaluatedBy.length > 0);
    if (!this.#context.document.hasUnevaluated || !arms.some(isNoted)) return this.#algebra.unite(arms);
    if (arms.length > MAX_NOTED_ARMS) {
      throw new LimitError('MAX_NOTED_ARMS', MAX_NOTED_ARMS, 'anyOf beside unevaluated… has too many arms', {
        pointer: `${node.pointer}/anyOf`,
        keyword: 'anyOf',
      });
    }
    let sets: Shape[] = [];
    for (const arm of arms)
      sets = [...sets, arm, ...sets.map((shape) => this.#algebra.intersect(shape, arm))];
    return this.#algebra.unite(sets);
  }

  #applicator(node: SchemaNode, keyword: string, value: Json): Shape | undefined {
    switch (keyword) {
      case '$ref':
        return this.#reference(node, value as string);
      case '$dynamicRef':
      case '$recursiveRef': {
        const { document, terms } = this.#context;
        return this.expand(terms.schema(document.resolveDynamic(node, keyword, value as string)));
      }
      case 'const':
        return valuesShape([value], () => `${node.pointer}/const`, this.#context.terms);
      case 'enum': {
        const at = (index: number) => `${node.pointer}/enum/${index}`;
        return valuesShape(value as readonly Json[], at, this.#context.terms);
      }
      case 'anyOf':
        return this.#anyOf(node, this.#arms(node, keyword, value));
      case 'not':
        return this.#not(node, value);
      case 'if':
        return this.#conditional(node, value);
      case 'dependencies':
      case 'dependentSchemas':
        return this.#dependent(node, keyword, value);
      case 'propertyNames':
        return this.#propertyNames(node, value);
      default:
        return undefined;
    }
  }

  #reference(node: SchemaNode, reference: string): Shape {
    const { document, terms } = this.#context;
    return this.expand(terms.schema(document.resolve(node, reference)));
  }

  #arms(node: SchemaNode, keyword: string, value: Json): Shape[] {
    const { document, terms } = this.#context;
    return (value as readonly Json[]).map((arm, index) =>
      this.expand(terms.schema(document.child(node, arm, `/${keyword}/${index}`))),
    );
  }

  /**
   * Exactly one of the arms, and the siblings, which keep alternatives few. Where two arms may share a value, what one has
   * in common with the other is taken out; values that are not `around` are out anyway, and may stay in.
   */
  #oneOf(node: SchemaNode, value: Json, siblings: Shape, around: Shape | undefined): Shape {
    const arms = this.#arms(node, 'oneOf', value);
    const met = arms.map((arm) => this.#algebra.intersect(siblings, arm));
    const within = around ? met.map((shape) => this.#algebra.intersect(around, shape)) : met;
    const expand = (term: Term) => this.#tryExpand(term);
    const tags = arms.map(
      (arm, index) => new Map([...tagsOf(arm, expand), ...tagsOf(within[index], expand)]),
    );
    const outsides: (Shape | undefined)[] = [];
    const exclusive = arms.map((_, index) => {
      let rest = met[index];
      arms.forEach((other, position) => {
        if (position === index || tellApart(tags[index], tags[position])) return;
        if (!this.#overlap(around ? this.#algebra.intersect(rest, around) : rest, other)) return;
        outsides[position] ??= this.#algebra.complement(other);
        const outside = outsides[position];
        if (outside) rest = this.#algebra.intersect(rest, outside);
        else {
          const pair = `arms ${Math.min(index, position)} and ${Math.max(index, position)}`;
          this.#findings.refuse(
            node.pointer,
            'oneOf',
            `is not supported where ${pair} can both accept a value`,
          );
        }
      });
      return rest;
    });
    return this.#algebra.unite(exclusive);
  }

  /** Undefined for a term whose shape depends on what is being expanded. */
  #tryExpand(term: Term): Shape | undefined {
    if (term.parts.some((part) => this.#active.has(part))) return undefined;
    try {
      return this.expand(term);
    } catch (error) {
      if (error instanceof CircularSchemaError) return undefined;
      throw error;
    }
  }

  #overlap(a: Shape, b: Shape): boolean {
    const both = this.#algebra.intersect(a, b);
    return this.#emptiness.holdsValue(both, (term) => this.#mayHold(term, 0));
  }

  /** False only where no value satisfies the term for sure; terms being expanded and deep ones may. */
  #mayHold(term: Term, depth: number): boolean {
    if (term.impossible) return false;
    if (depth > OVERLAP_DEPTH) return true;
    const shape = this.#tryExpand(term);
    return !shape || this.#emptiness.holdsValue(shape, (child) => this.#mayHold(child, depth + 1));
  }

  #conditional(node: SchemaNode, condition: Json): Shape | undefined {
    const { document, terms } = this.#context;
    const term = (keyword: string, value: Json | undefined) =>
      value === undefined ? terms.any : terms.schema(document.child(node, value, `/${keyword}`));
    const holds = term('if', condition);
    const then = term('then', node.schema.get('then'));
    const otherwise = term('else', node.schema.get('else'));
    if (then === otherwise && !document.hasUnevaluated) return this.expand(then);
    return this.#algebra.unite([
      this.expand(terms.meet(holds, then)),
      this.expand(terms.meet(terms.complement(holds), otherwise)),
    ]);
  }

  /** For each property: it is absent, or the whole object satisfies the schema. */
  #dependent(node: SchemaNode, keyword: string, dependencies: Json): Shape {
    const { document, terms } = this.#context;
    const factors = [...(dependencies as ReadonlyMap<string, Json>)].flatMap(([name, value]) => {
      if (isArray(value)) return [];
      const path = `/${keyword}/${pointerToken(name)}`;
      const schema = this.expand(terms.schema(document.child(node, value, path)));
      const any = anything(terms);
      const object = anyObject(terms);
      const absent = { ...object, properties: new Map([[name, terms.nothing]]) };
      const present = { ...object, required: new Set([name]) };
      const met = this.#algebra.intersect({ ...NOTHING, objects: [present] }, schema);
      return [{ ...any, objects: this.#algebra.unite([{ ...NOTHING, objects: [absent] }, met]).objects }];
    });
    return this.#all(factors);
  }

  #propertyNames(node: SchemaNode, names: Json): Shape {
    const { document, terms, limits } = this.#context;
    const { strings } = this.expand(terms.schema(document.child(node, names, '/propertyNames')));
    const any = anything(terms);
    if (strings.includes(ANY_STRING)) return any;
    const keys = complementDfa(stringsDfa(strings, limits), MAX_CODE_POINT, limits);
    const object = { ...anyObject(terms), patterns: [{ keys, term: terms.nothing }] };
    return { ...any, objects: this.#context.objects.normal(object) };
  }

  #not(node: SchemaNode, value: Json): Shape | undefined {
    const { document, terms } = this.#context;
    return this.#complementOf(terms.schema(document.child(node, value, '/not')), node.pointer);
  }

  #complementOf(term: Term, pointer: string): Shape | undefined {
    const outside = this.#algebra.complement(this.expand(term));
    if (!outside)
      this.#findings.refuse(
        pointer,
        'not',
        'of a schema with rules for all items or all other properties is not supported',
      );
    return outside;
  }
}
