// "One formula or the other" as clauses: what holds, that none is superfluous, and the limit.
import { describe, expect, test } from 'vitest';
import { eitherClauses } from '../../../src/frontends/json-schema/clause-sets.js';
import type { Literal } from '../../../src/frontends/json-schema/presence.js';
import { seededRandom } from '../../support/random-schema.js';

type Formula = readonly (readonly Literal[])[];

function randomFormula(random: () => number, names: readonly string[]): Formula {
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const chosen = names.filter(() => random() < 0.4);
    return (chosen.length > 0 ? chosen : [names[0]]).map((name) => ({ name, present: random() < 0.5 }));
  });
}

const holds = (formula: Formula, there: ReadonlySet<string>) =>
  formula.every((clause) => clause.some(({ name, present }) => there.has(name) === present));

const says = (clause: readonly Literal[], { name, present }: Literal) =>
  clause.some((other) => other.name === name && other.present === present);

describe('eitherClauses', () => {
  test('holds where one of two random formulas does, without superfluous clauses', () => {
    const random = seededRandom(7);
    const names = ['d', 'a', 'c', 'b', 'e'];
    for (let round = 0; round < 300; round++) {
      const left = randomFormula(random, names);
      const right = randomFormula(random, names);
      const either = eitherClauses(left, right, 100)!;
      for (let bits = 0; bits < 32; bits++) {
        const there = new Set(names.filter((_, index) => (bits >> index) & 1));
        expect(holds(either, there)).toBe(holds(left, there) || holds(right, there));
      }
      for (const one of either) {
        expect(one.map(({ name }) => name)).toEqual(one.map(({ name }) => name).sort());
        const weaker = either.filter(
          (other) => other !== one && one.every((literal) => says(other, literal)),
        );
        expect(weaker).toEqual([]);
      }
    }
  });

  test('counts names beyond one word, and stops above the limit', () => {
    const units = (from: number) =>
      Array.from({ length: 20 }, (_, index) => [{ name: `n${from + index}`, present: true }]);
    expect(eitherClauses(units(0), units(100), 400)).toHaveLength(400);
    expect(eitherClauses(units(0), units(100), 399)).toBeUndefined();
    expect(eitherClauses(units(0), units(0), 20)).toHaveLength(20);
    expect(eitherClauses([], units(0), 20)).toEqual([]);
  });
});
