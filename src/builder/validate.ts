// A parsed value through a Standard Schema's own validation: what JSON Schema cannot say, and what transforms make of it.
import { ParseError } from '../errors.js';
import type { Validate } from './expression.js';
import type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.js';

/**
 * The schema's validation as a function; it gives a promise where the schema does.
 * Its function throws ParseError `invalid_value` with the schema's complaints.
 */
export function validator(schema: StandardSchema): Validate {
  return (value) => {
    const result = schema['~standard'].validate(value);
    return result instanceof Promise ? result.then(outcome) : outcome(result);
  };
}

function outcome(result: StandardResult<unknown>): unknown {
  if (!result.issues) return result.value;
  throw new ParseError(
    'invalid_value',
    `the schema refuses the value: ${result.issues.map(said).join('; ')}`,
  );
}

function said({ message, path }: StandardIssue): string {
  const keys = path?.map((key) => String(typeof key === 'object' ? key.key : key)) ?? [];
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
