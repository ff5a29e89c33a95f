// Says why no value satisfies a schema: follows required properties and items down to the schema that is empty itself.
import { CompileError } from '../../errors.js';
import type { Terms } from './lowering.js';
import { propertyTerm } from './objects.js';
import type { Shape } from './shape.js';
import type { Term } from './terms.js';

/** @throws CompileError `unsatisfiable`, always; `root` is a term that holds no value. */
export function refuseUnsatisfiable(root: Term, terms: Terms): never {
  const seen = new Set<Term>();
  let pointer = '';
  let step: Obstacle | undefined = { term: root, what: '' };
  let what = '';
  while (step && !seen.has(step.term)) {
    seen.add(step.term);
    pointer = step.term.parts[0]?.pointer ?? pointer;
    what = step.what;
    step = obstacle(terms.expand(step.term), terms);
  }
  const needed = what ? ` (${what} needs one)` : '';
  const reason = step
    ? 'every value of this schema would have to contain another one of it, without end'
    : 'no JSON value satisfies this schema: its keywords exclude each other';
  throw new CompileError('unsatisfiable', reason + needed, { pointer });
}

interface Obstacle {
  readonly term: Term;
  /** What needs a value of the term. */
  readonly what: string;
}

/** The first child without a value that keeps the only alternative of a shape from having one. */
function obstacle(shape: Shape, terms: Terms): Obstacle | undefined {
  const { arrays, objects } = shape;
  if (shape.numbers.length + shape.strings.length > 0 || arrays.length + objects.length !== 1)
    return undefined;
  for (const object of objects) {
    for (const name of object.required) {
      const term = propertyTerm(object, name);
      if (!terms.holdsValue(term)) return { term, what: `the required property ${JSON.stringify(name)}` };
    }
  }
  for (const { prefix, items, min } of arrays) {
    for (let index = 0; index < Math.min(min, prefix.length + 1); index++) {
      const term = prefix[index] ?? items;
      if (!terms.holdsValue(term)) return { term, what: `item ${index}` };
    }
  }
  return undefined;
}
