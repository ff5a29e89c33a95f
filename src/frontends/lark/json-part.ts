// `%json {…}`: a JSON Schema inside a grammar; its errors get the place in the grammar.
import { CompileError } from '../../errors.js';
import type { Grammar } from '../../grammar/index.js';
import { type JsonSchemaOptions, jsonSchemaGrammar } from '../json-schema/index.js';
import type { Expression } from './syntax.js';

/** @throws CompileError as the JSON Schema front end does, with line and column of the part. */
export function schemaGrammar(
  { text, position }: Expression & { kind: 'json' },
  options: JsonSchemaOptions,
): Grammar {
  try {
    return jsonSchemaGrammar(text, options).grammar;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { keyword } = error.location;
    const place = { ...position, ...(keyword === undefined ? {} : { keyword }) };
    throw new CompileError(error.code, `%json: ${error.message}`, place, { cause: error });
  }
}
