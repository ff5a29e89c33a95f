// The arguments of a call between tags that the caller describes, as a grammar of their own.
import { type Grammar, GrammarBuilder } from '../../grammar/index.js';
import type { Style } from './parameter-styles.js';
import { type SchemaOptions, Schemas } from './schemas.js';

export interface ParametersOptions extends SchemaOptions {
  /** Texts that no value may hold, as it is written, beside the closing tag. */
  readonly excludes?: readonly string[];
}

/**
 * The grammar of what an object schema describes, one tag a property (docs/structural-tags.md, "Arguments between tags").
 * @throws CompileError with the JSON pointer in the schema for what cannot be written so
 */
export function parametersGrammar(schema: unknown, style: Style, options: ParametersOptions = {}): Grammar {
  const { excludes = [], ...limits } = options;
  const builder = new GrammarBuilder();
  const node = new Schemas(builder, limits).node({
    type: 'json_schema',
    pointer: '',
    schema,
    schemaPointer: '',
    style,
    anyOrder: false,
    maxWhitespace: undefined,
    excludes,
  });
  return builder.build(node);
}
