// What an OpenAI body says of the form of its output: response_format, or the fields of SGLang and ours beside it.
import { RequestError } from '../../errors.js';
import type { Constraint } from '../conversation/index.js';

export type ResponseFormat =
  | { readonly type: 'text' | 'json_object' }
  /** The other fields are the structural tag's. */
  | { readonly type: 'structural_tag'; readonly [field: string]: unknown }
  | {
      readonly type: 'json_schema';
      readonly json_schema?: { readonly schema?: unknown } | null;
    };

export interface ConstraintFields {
  readonly response_format?: ResponseFormat | null;
  readonly regex?: string | null;
  readonly ebnf?: string | null;
  /** A Lark grammar whose start rule is `start`. */
  readonly lark?: string | null;
}

export const constraintProperties = {
  response_format: {
    type: ['object', 'null'],
    required: ['type'],
    properties: {
      type: { enum: ['text', 'json_object', 'json_schema', 'structural_tag'] },
      json_schema: {
        type: ['object', 'null'],
        properties: {
          name: { type: 'string' },
          schema: { type: ['object', 'boolean', 'null'] },
          strict: { type: ['boolean', 'null'] },
        },
      },
    },
  },
  regex: { type: ['string', 'null'] },
  ebnf: { type: ['string', 'null'] },
  lark: { type: ['string', 'null'] },
} as const;

/**
 * The one constraint of the body, if it has one; an empty string asks for none.
 * @throws RequestError `conflicting_constraints`, `invalid_value`
 */
export function outputConstraint(body: ConstraintFields): Constraint | undefined {
  const found: Constraint[] = [];
  const format = body.response_format;
  if (format?.type === 'structural_tag')
    found.push({ field: 'response_format', option: { structuralTag: format } });
  const schema = responseSchema(format);
  if (schema !== undefined) found.push({ field: 'response_format', option: { schema } });
  if (body.regex) found.push({ field: 'regex', option: { regex: body.regex } });
  if (body.ebnf) found.push({ field: 'ebnf', option: { ebnf: body.ebnf } });
  if (body.lark) found.push({ field: 'lark', option: { lark: body.lark } });
  if (found.length > 1)
    throw new RequestError(
      'conflicting_constraints',
      `${found.map((one) => one.field).join(' and ')} cannot be combined: give one`,
      found[1].field,
    );
  return found[0];
}

function responseSchema(format: ResponseFormat | null | undefined): unknown {
  if (!format || format.type === 'text' || format.type === 'structural_tag') return undefined;
  if (format.type === 'json_object') return { type: 'object' };
  const schema = 'json_schema' in format ? format.json_schema?.schema : undefined;
  if (schema === undefined || schema === null)
    throw new RequestError(
      'invalid_value',
      'response_format.json_schema.schema is required with type "json_schema"',
      'response_format.json_schema.schema',
    );
  return schema;
}
