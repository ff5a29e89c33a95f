// Schemas of other libraries, by the Standard JSON Schema interface (zod 4.2 and later, arktype …): https://standardschema.dev
import { RequestError } from '../errors.js';

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** The part of Standard Schema and Standard JSON Schema that is used here. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** The type of a Standard Schema's validated value. */
export type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output'];

export function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (
    (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema
  );
}

/**
 * The JSON Schema of what the model writes: a Standard Schema's input, anything else as it is.
 * @throws RequestError `invalid_request` when the library gives no JSON Schema
 */
export function toJsonSchema(schema: unknown): unknown {
  if (!isStandardSchema(schema)) return schema;
  const standard = schema['~standard'];
  if (!standard.jsonSchema)
    throw new RequestError(
      'invalid_request',
      `this ${standard.vendor} schema does not offer a JSON Schema ('~standard'.jsonSchema); convert it and pass the result`,
      'schema',
    );
  try {
    return standard.jsonSchema.input({ target: 'draft-2020-12' });
  } catch (cause) {
    throw new RequestError(
      'invalid_request',
      `schema: ${standard.vendor} cannot express it as JSON Schema: ${(cause as Error).message}`,
      'schema',
      { cause },
    );
  }
}
