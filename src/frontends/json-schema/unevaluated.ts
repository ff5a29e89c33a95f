// unevaluatedProperties and unevaluatedItems: what the other keywords of a schema, and those of schemas that they apply in
// place, have not evaluated. Shapes carry what they evaluate; see canonical.ts for where they meet.
import { complementDfa, MAX_CODE_POINT, NO_LANGUAGE } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import type { ShapeAlgebra } from './algebra.js';
import type { AssertionContext } from './assertion-context.js';
import type { SchemaNode } from './document.js';
import { EVERY_KEY } from './key-sets.js';
import { anyArray, anyObject, arrayWith, objectWith, type Shape } from './shape.js';

/** Most arms of an anyOf whose sets are told apart, for what they evaluate. */
const MAX_NOTED_ARMS = 8;

/** What the other keywords, and those of schemas that they apply in place, have not evaluated. */
export function withUnevaluated(
  node: SchemaNode,
  shape: Shape,
  context: AssertionContext,
  algebra: ShapeAlgebra,
): Shape {
  const { document, terms, limits } = context;
  const rule = (keyword: string) => {
    const value = node.schema.get(keyword);
    return value === undefined ? undefined : terms.schema(document.child(node, value, keyword));
  };
  const properties = rule('unevaluatedProperties');
  const items = rule('unevaluatedItems');
  const objects = !properties
    ? shape.objects
    : shape.objects.flatMap((object) => {
        const { evaluated = NO_LANGUAGE } = object;
        const keys = complementDfa(evaluated, MAX_CODE_POINT, limits);
        const patterns = [{ keys, term: properties }];
        const others = objectWith(anyObject(terms), { patterns, evaluated: EVERY_KEY });
        return context.objects.intersect(object, others);
      });
  const arrays = !items
    ? shape.arrays
    : shape.arrays.flatMap((array) => {
        const left = terms.either([items, ...array.evaluatedBy]);
        const isAll = array.evaluated === Number.POSITIVE_INFINITY;
        const prefix = isAll ? [] : Array.from({ length: array.evaluated }, () => terms.any);
        const rest = { prefix, items: isAll ? terms.any : left, evaluated: Number.POSITIVE_INFINITY };
        return algebra.intersectArrays(array, arrayWith(anyArray(terms), rest));
      });
  const { nulls, booleans, numbers, strings } = shape;
  return { nulls, booleans, numbers, strings, arrays, objects };
}

/** A union, with every set of arms that hold together where it counts what they evaluate. @throws LimitError `MAX_NOTED_ARMS` */
export function uniteEvaluated(node: SchemaNode, arms: readonly Shape[], algebra: ShapeAlgebra): Shape {
  const isNoted = ({ objects, arrays }: Shape) =>
    objects.some(({ evaluated }) => evaluated) ||
    arrays.some(({ evaluated, evaluatedBy }) => evaluated > 0 || evaluatedBy.length > 0);
  if (!arms.some(isNoted)) return algebra.unite(arms);
  if (arms.length > MAX_NOTED_ARMS) {
    throw new LimitError('MAX_NOTED_ARMS', MAX_NOTED_ARMS, 'anyOf beside unevaluated… has too many arms', {
      pointer: `${node.pointer}/anyOf`,
      keyword: 'anyOf',
    });
  }
  let sets: Shape[] = [];
  for (const arm of arms) sets = [...sets, arm, ...sets.map((shape) => algebra.intersect(shape, arm))];
  return algebra.unite(sets);
}
