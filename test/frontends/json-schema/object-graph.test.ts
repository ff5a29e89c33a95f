// Which properties go together: the graph of an object holds what the clauses say, and few states.
import { expect, test } from 'vitest';
import { ObjectGraph } from '../../../src/frontends/json-schema/object-graph.js';
import type { ObjectPlan } from '../../../src/frontends/json-schema/object-plan.js';
import { type Clause, clauseOf, type Literal } from '../../../src/frontends/json-schema/presence.js';
import { TermTable } from '../../../src/frontends/json-schema/terms.js';
import { seededRandom } from '../../support/random-schema.js';

const { any } = new TermTable();
const LIMITS = { maxMemberStates: 10_000 };
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

function planOf(names: readonly string[], clauses: readonly Clause[]): ObjectPlan {
  const choices = [{ term: any, claims: 0 }];
  const members = names.map((name) => ({ name, required: false, choices }));
  return { members, rest: [], listed: new Set(names), clauses, claims: 0, min: 0, max: 99, required: 0 };
}

const graphOf = (plan: ObjectPlan) => new ObjectGraph(plan, false, () => true, LIMITS);

/** Whether an object with these properties, and no others, is one of the graph. */
function takes(graph: ObjectGraph, plan: ObjectPlan, has: ReadonlySet<string>): boolean {
  let at = 0;
  for (const { name } of plan.members) {
    const { skip, edges } = graph.states[at];
    at = has.has(name) ? edges[0].to : skip;
  }
  return graph.states[at].closes;
}

test('objects are those of which all clauses hold, in random sets of clauses', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const fraction = seededRandom(seed);
    const random = (below: number) => Math.floor(below * fraction());
    // The last name is of no member: it is never there.
    const literal = (): Literal => ({ name: NAMES[random(NAMES.length)], present: random(2) === 0 });
    const clauses = Array.from({ length: 1 + random(12) }, () =>
      clauseOf(Array.from({ length: 1 + random(3) }, literal)),
    ).filter((clause) => clause !== undefined);
    const plan = planOf(NAMES.slice(0, -1), clauses);
    const graph = graphOf(plan);
    for (let bits = 0; bits < 1 << plan.members.length; bits++) {
      const has = new Set(plan.members.map(({ name }) => name).filter((_, i) => (bits >> i) & 1));
      const holds = clauses.every(({ literals }) =>
        literals.some(({ name, present }) => has.has(name) === present),
      );
      expect(takes(graph, plan, has), `seed ${seed}, ${[...has]}`).toBe(holds);
    }
  }
});

test('two groups of properties that exclude each other take a few states for each property', () => {
  const [left, right] = ['l', 'r'].map((side) => Array.from({ length: 12 }, (_, i) => `${side}${i}`));
  const clauses = left.flatMap((a) =>
    right.map((b) => clauseOf([a, b].map((name) => ({ name, present: false })))!),
  );
  const graph = graphOf(planOf([...left, ...right], clauses));
  expect(graph.states.length).toBeLessThan(4 * 24);
});
