// Door of the builder room: grammars written in code, with the static types of their values, and other libraries' schemas.
export { Expression, type LeafOptions, type Part, type ResultOf, type Validate } from './expression.js';
export { g, type RepeatOptions, type TokenName, type UntilOptions } from './g.js';
export { expressionGrammar, MAX_EXPRESSION_DEPTH } from './lower.js';
export { type Accepts, readValue } from './read.js';
export {
  isStandardSchema,
  type OutputOf,
  type StandardIssue,
  type StandardResult,
  type StandardSchema,
  type StaticSchema,
  toJsonSchema,
} from './standard-schema.js';
export { type ExpressionData, expressionData, expressionFromData } from './transfer.js';
export { validator } from './validate.js';
