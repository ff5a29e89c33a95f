// The canonical form: turns each schema of the document into a shape, and terms into the intersection of their parts.
// In-place applicators ($ref, allOf, anyOf, oneOf, not) are folded here; children stay terms and expand when asked.
import { checkDeadline, complementDfa, MAX_CODE_POINT } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import { type AlgebraLimits, ShapeAlgebra } from './algebra.js';
import type { AssertionContext } from './assertion-context.js';
import { assertionShape } from './assertions.js';
import { refStandsAlone, type SchemaNode } from './document.js';
import type { ShapeEmptiness } from './emptiness.js';
import { type Arm, type Excluded, type Factor, isArm, isExcluded, type OneOf } from './factors.js';
import type { Findings } from './findings.js';
import { isArray, type Json } from './json-value.js';
import { placed } from './located.js';
import { reviewKeywords } from './review.js';
import { ANY_STRING, anyObject, anything, NOTHING, objectWith, type Shape, withObjects } from './shape.js';
import { stringsDfa } from './string-sets.js';
import { type Tags, tagsOf, tellApart } from './tags.js';
import { type Part, pointerOf, type Term } from './terms.js';
import { uniteEvaluated, withUnevaluated } from './unevaluated.js';
import { valuesShape } from './values.js';

export interface CanonicalLimits extends AlgebraLimits {
  /** Longest chain of schemas that apply to one value: references, allOf, anyOf and their like. */
  readonly maxDepth: number;
  /** Most different terms that are expanded. */
  readonly maxTerms: number;
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
   * @throws CompileError for keywords that are not supported, references that lead nowhere or in a circle; LimitError
   * `maxTerms` when intersections lead to too many different terms.
   */
  expand(term: Term): Shape {
    let shape = this.#ofTerm.get(term);
    if (!shape) {
      shape = term.impossible ? NOTHING : this.#conjunction(term.ordered);
      this.#ofTerm.set(term, shape);
      if (this.#ofTerm.size > this.#limits.maxTerms) this.#failTerms(term);
    }
    return shape;
  }

  #failTerms(term: Term): never {
    const reason = 'the schema combines into too many different schemas';
    throw new LimitError('maxTerms', this.#limits.maxTerms, reason, { pointer: pointerOf(term) });
  }

  #all(shapes: readonly Shape[]): Shape {
    if (shapes.length === 0) return anything(this.#context.terms);
    return shapes.reduce((met, shape) => this.#algebra.intersect(met, shape));
  }

  #conjunction(parts: readonly Part[]): Shape {
    let met: Shape | undefined;
    for (const part of parts) {
      if (met && part.kind === 'complement') met = this.#less(met, part);
      else met = met ? this.#algebra.intersect(met, this.#expandPart(part)) : this.#expandPart(part);
    }
    return met ?? anything(this.#context.terms);
  }

  /** The values of a shape that a complement leaves. */
  #less(shape: Shape, part: Part & { readonly kind: 'complement' }): Shape {
    return this.#entered(part, () => this.#outsideOf(part.of, part.pointer, shape));
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
      return shapeOf();
    } catch (error) {
      throw placed(error, part.pointer);
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
        return this.#outsideOf(part.of, part.pointer, anything(terms));
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
    return this.#context.document.hasUnevaluated
      ? withUnevaluated(node, shape, this.#context, this.#algebra)
      : shape;
  }

  /** What all keywords but oneOf say. Arms of allOf with a oneOf come last, when it is known what is around them. */
  #siblings(node: SchemaNode, around: Shape | undefined): Shape {
    const before: Factor[] = [];
    const own = assertionShape(node, this.#context);
    const after: Factor[] = [own];
    let ahead = node.schema.has('properties');
    for (const keyword of node.schema.keys()) {
      const value = node.schema.get(keyword)!;
      if (keyword === 'properties') ahead = false;
      const leads = ahead && (keyword === '$ref' || keyword === 'allOf');
      const factors = leads ? before : after;
      if (keyword === 'allOf') factors.push(...this.#allOf(node, value as readonly Json[]));
      else {
        const factor = this.#applicator(node, keyword, value);
        if (factor) factors.push(factor);
      }
    }
    if (before.length + after.length === 1) return own;
    const factors = [...before, ...after];
    if (!factors.some(isArm)) return this.#meet(factors as (Shape | Excluded)[], node);
    const known = factors.filter((factor): factor is Shape | Excluded => !isArm(factor));
    const within = this.#meet(around ? [...known, around] : known, node);
    const met = factors.map((factor) => (isArm(factor) ? this.#armWithin(factor, within) : factor));
    return this.#meet(met, node);
  }

  #meet(factors: readonly (Shape | Excluded)[], node: SchemaNode): Shape {
    let met: Shape | undefined;
    for (const factor of factors) {
      if (isExcluded(factor))
        met = this.#outsideOf(factor.excluded, node.pointer, met ?? anything(this.#context.terms));
      else met = met ? this.#algebra.intersect(met, factor) : factor;
    }
    return met ?? anything(this.#context.terms);
  }

  #allOf(node: SchemaNode, arms: readonly Json[]): Factor[] {
    const { document, terms } = this.#context;
    return arms.map((arm, index) => {
      const child = document.child(node, arm, 'allOf', index);
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

  /** A union; where it counts what is evaluated, with every set of arms that hold together. */
  #anyOf(node: SchemaNode, arms: readonly Shape[]): Shape {
    if (!this.#context.document.hasUnevaluated) return this.#algebra.unite(arms);
    return uniteEvaluated(node, arms, this.#algebra);
  }

  #applicator(node: SchemaNode, keyword: string, value: Json): Shape | Excluded | undefined {
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
        return { excluded: this.#context.terms.schema(this.#context.document.child(node, value, 'not')) };
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
    const arms = value as readonly Json[];
    const shapes: Shape[] = [];
    for (let index = 0; index < arms.length; index++)
      shapes.push(this.expand(terms.schema(document.child(node, arms[index], keyword, index))));
    return shapes;
  }

  /**
   * Exactly one of the arms, and the siblings, which keep alternatives few. Where two arms may share a value, what one has
   * in common with the other is taken out; values that are not `around` are out anyway, and may stay in.
   */
  #oneOf(node: SchemaNode, value: Json, siblings: Shape, around: Shape | undefined): Shape {
    const arms = this.#arms(node, 'oneOf', value);
    const met: Shape[] = [];
    for (const arm of arms) met.push(this.#algebra.intersect(siblings, arm));
    const within: Shape[] = [];
    for (const shape of met) within.push(around ? this.#algebra.intersect(around, shape) : shape);
    const tags: Tags[] = [];
    for (let index = 0; index < arms.length; index++)
      tags.push(new Map([...tagsOf(arms[index], this), ...tagsOf(within[index], this)]));
    const exclusive: Shape[] = [];
    for (let index = 0; index < arms.length; index++)
      exclusive.push(this.#alone({ node, arms, met, within, tags, around }, index));
    return this.#algebra.unite(exclusive);
  }

  /** What is left of an arm, with its siblings, outside of the others. */
  #alone({ node, arms, met, within, tags, around }: OneOf, index: number): Shape {
    let rest = met[index];
    let inside = within[index];
    for (let other = 0; other < arms.length; other++) {
      const isApart = other === index || tellApart(tags[index], tags[other]);
      if (isApart || !this.#overlap(inside, arms[other])) continue;
      const outside = this.#algebra.subtract(rest, arms[other]);
      if (outside) {
        rest = outside;
        inside = around ? this.#algebra.intersect(rest, around) : rest;
      } else {
        const pair = `arms ${Math.min(index, other)} and ${Math.max(index, other)}`;
        const reason = `is not supported where ${pair} can both accept a value`;
        this.#findings.refuse(node.pointer, 'oneOf', reason);
      }
    }
    return rest;
  }

  /** Undefined for a term whose shape depends on what is being expanded. */
  tryExpand(term: Term): Shape | undefined {
    if (term.parts.some((part) => this.#active.has(part))) return undefined;
    try {
      return this.expand(term);
    } catch (error) {
      if (error instanceof CircularSchemaError) return undefined;
      throw error;
    }
  }

  #overlap(a: Shape, b: Shape): boolean {
    const both = this.#algebra.common(a, b);
    return this.#emptiness.holdsValue(both, (term) => this.#mayHold(term, 0));
  }

  /** False only where no value satisfies the term for sure; terms being expanded and deep ones may. */
  #mayHold(term: Term, depth: number): boolean {
    if (term.impossible) return false;
    if (depth > OVERLAP_DEPTH) return true;
    const shape = this.tryExpand(term);
    return !shape || this.#emptiness.holdsValue(shape, (child) => this.#mayHold(child, depth + 1));
  }

  #conditional(node: SchemaNode, condition: Json): Shape | undefined {
    const { document, terms } = this.#context;
    const term = (keyword: string, value: Json | undefined) =>
      value === undefined ? terms.any : terms.schema(document.child(node, value, keyword));
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
      const schema = this.expand(terms.schema(document.child(node, value, keyword, name)));
      const any = anything(terms);
      const object = anyObject(terms);
      const absent = objectWith(object, { properties: new Map([[name, terms.nothing]]) });
      const present = objectWith(object, { required: new Set([name]) });
      const met = this.#algebra.intersect(withObjects(NOTHING, [present]), schema);
      return [withObjects(any, this.#algebra.unite([withObjects(NOTHING, [absent]), met]).objects)];
    });
    return this.#all(factors);
  }

  #propertyNames(node: SchemaNode, names: Json): Shape {
    const { document, terms, limits } = this.#context;
    const { strings } = this.expand(terms.schema(document.child(node, names, 'propertyNames')));
    const any = anything(terms);
    if (strings.includes(ANY_STRING)) return any;
    const keys = complementDfa(stringsDfa(strings, limits), MAX_CODE_POINT, limits);
    const object = objectWith(anyObject(terms), { patterns: [{ keys, term: terms.nothing }] });
    return withObjects(any, this.#context.objects.normal(object));
  }

  /** What is left of a shape outside of a term; all of it where that cannot be said, in lenient mode. */
  #outsideOf(term: Term, pointer: string, shape: Shape): Shape {
    const outside = this.#algebra.subtract(shape, this.expand(term));
    if (outside) return outside;
    this.#findings.refuse(
      pointer,
      'not',
      'of a schema with rules for all items or all other properties is not supported',
    );
    return shape;
  }
}
