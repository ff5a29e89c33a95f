// Lowers an object shape: properties in the order of the schema, then additional ones. Rule C(i) is "a property at or
// after position i, and the rest", so n optional properties cost n rules and each next property is a tail reference.
import { bytes, choice, NEVER, type Node, sequence } from '../../grammar/index.js';
import { objectHoldsValue } from './emptiness.js';
import { literalNode } from './literals.js';
import type { LoweringContext } from './lowering.js';
import type { ObjectShape } from './shape.js';

const OPEN = bytes('{');
const CLOSE = bytes('}');
const COMMA = bytes(',');
const COLON = bytes(':');

/** The node of all objects of this shape; never, where there are none. */
export function objectNode(shape: ObjectShape, name: string, context: LoweringContext): Node {
  if (!objectHoldsValue(shape, (term) => context.holdsValue(term))) return NEVER;
  const { properties, required, additional } = shape;
  const { builder, space } = context;
  const listed = [...properties].filter(([, term]) => context.holdsValue(term));
  for (const extra of required) if (!properties.has(extra)) listed.push([extra, additional]);

  let following = context.holdsValue(additional) ? additionalProperties(shape, name, context) : NEVER;
  let mayClose = true;
  for (let index = listed.length - 1; index >= 0; index--) {
    const [property, term] = listed[index];
    const rest = choice(sequence(COMMA, space, following), mayClose ? CLOSE : NEVER);
    const member = sequence(literalNode(property), space, COLON, space, context.node(term), space, rest);
    const isRequired = required.has(property);
    const body = isRequired ? member : choice(member, following);
    following = builder.rule(`${name}{${property}}`, body);
    mayClose &&= !isRequired;
  }
  return sequence(OPEN, space, choice(following, mayClose ? CLOSE : NEVER));
}

/** One or more properties that the schema does not list, up to and with the closing brace. */
function additionalProperties(shape: ObjectShape, name: string, context: LoweringContext): Node {
  const { builder, space } = context;
  const key = context.keys.allBut(new Set([...shape.properties.keys(), ...shape.required]));
  const others = builder.declare(`${name}{*}`);
  const rest = choice(sequence(COMMA, space, others), CLOSE);
  builder.define(others, sequence(key, space, COLON, space, context.node(shape.additional), space, rest));
  return others;
}
