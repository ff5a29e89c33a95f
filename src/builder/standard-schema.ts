// Schemas of other libraries: what they offer as JSON Schema, and what they say of a value. Knows no library by name; it reads
// Standard Schema and Standard JSON Schema (https://standardschema.dev), and the conversion methods of zod 4 and arktype.
import { CompileError } from '../errors.js';

/** One complaint of a Standard Schema's `validate`. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
/** What a Standard Schema's `validate` gives. */
export type StandardResult<T> =
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

/** A schema that carries its value's type in a property that exists for the compiler alone, as TypeBox 0.x has it. */
export interface StaticSchema<T = unknown> {
  readonly static: T;
}

export function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (
    (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema
  );
}

/**
 * The JSON Schema of what the model writes: a Standard Schema's input, anything else as it is.
 * @throws CompileError `invalid_schema` when the library gives no JSON Schema
 */
export function toJsonSchema(schema: unknown): unknown {
  if (!isStandardSchema(schema)) return schema;
  const { vendor } = schema['~standard'];
  const convert = conversionOf(schema);
  if (!convert)
    throw new CompileError(
      'invalid_schema',
      `this ${vendor} schema does not offer a JSON Schema ('~standard'.jsonSchema); convert it and pass the result`,
    );
  try {
    return convert();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CompileError(
      'invalid_schema',
      `${vendor} cannot express this schema as JSON Schema: ${reason}`,
      {},
      { cause },
    );
  }
}

/** Standard JSON Schema first; before it came, zod 4 and arktype had methods of their own on the schema object. */
function conversionOf(schema: StandardSchema): (() => unknown) | undefined {
  const { jsonSchema } = schema['~standard'];
  if (jsonSchema) return () => jsonSchema.input({ target: 'draft-2020-12' });
  const own = schema as {
    readonly toJSONSchema?: (options: { readonly target: string; readonly io: 'input' }) => unknown;
    readonly toJsonSchema?: () => unknown;
  };
  if (typeof own.toJSONSchema === 'function')
    return () => own.toJSONSchema?.({ target: 'draft-2020-12', io: 'input' });
  if (typeof own.toJsonSchema === 'function') return () => own.toJsonSchema?.();
  return undefined;
}
