// Which of many objects lie inside no other one, beside a comparison of every pair.
import { expect, test } from 'vitest';
import { withoutInside } from '../../../src/frontends/json-schema/nested-objects.js';
import { isInside } from '../../../src/frontends/json-schema/objects.js';
import { anyObject, type ObjectShape, objectWith } from '../../../src/frontends/json-schema/shape.js';
import { type Term, TermTable } from '../../../src/frontends/json-schema/terms.js';
import { seededRandom } from '../../support/random-schema.js';

function byPairs(objects: readonly ObjectShape[]): ObjectShape[] {
  const lies = (inner: ObjectShape, outer: ObjectShape) => isInside(inner, outer, { name: undefined });
  let kept: ObjectShape[] = [];
  for (const object of objects) {
    if (kept.some((other) => lies(object, other))) continue;
    kept = [...kept.filter((other) => !lies(other, object)), object];
  }
  return kept;
}

test('objects that a property tells apart are those that every pair leaves', () => {
  const random = seededRandom(5);
  const terms = new TermTable();
  const upTo = (count: number) => Math.floor(random() * count);
  const unlike = (count: number): Term => {
    let term = terms.any;
    for (let i = 0; i < count; i++)
      term = terms.meet(term, terms.complement(terms.constant(`${upTo(12)}`, '')));
    return term;
  };
  const tag = (): Term =>
    [terms.any, terms.nothing, unlike(3), terms.meet(unlike(2), terms.constant(`${upTo(30)}`, ''))][upTo(4)];
  let dropped = 0;
  for (let round = 0; round < 60; round++) {
    const objects = Array.from({ length: 60 }, (_, index) => {
      const own = index % 2 ? terms.constant(`own ${index}`, '') : tag();
      const properties = new Map([
        ['tag', own],
        ['size', unlike(upTo(3))],
      ]);
      return objectWith(anyObject(terms), { properties, required: new Set(['tag']), max: 4 + upTo(2) });
    });
    const kept = withoutInside(objects);
    expect(kept).toEqual(byPairs(objects));
    dropped += objects.length - kept.length;
  }
  expect(dropped).toBeGreaterThan(500);
});
