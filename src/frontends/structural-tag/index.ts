// Door of the structural tag front end: free text with tags in it, in xgrammar's typed form or the older one of triggers,
// to IR.
import { CompileError } from '../../errors.js';
import type { Grammar } from '../../grammar/index.js';
import type { Annotation, Unenforced } from '../json-schema/index.js';
import { Lowering, type LowerOptions } from './lower.js';
import { readStructuralTag } from './read.js';

export { type ParametersOptions, parametersGrammar } from './parameter-grammar.js';
export type { Style as ParameterTags } from './parameter-styles.js';
export { rawString } from './raw-strings.js';
export {
  isObject,
  type JsonObject,
  refused,
  refuseOthers,
  type ValueAlternative,
  ValueSchemas,
} from './value-schemas.js';

export interface StructuralTagOptions extends LowerOptions {
  /** Most formats inside each other; default 200. */
  readonly maxFormatDepth?: number;
  /** Most formats; default 20,000. */
  readonly maxFormats?: number;
}

export interface StructuralTagResult {
  readonly grammar: Grammar;
  /** Keywords of schemas that restrict nothing by the specification. */
  readonly annotations: readonly Annotation[];
  /** Keywords of schemas left out on request; only with `lenient`. */
  readonly unenforced: readonly Unenforced[];
}

/**
 * The grammar of a structural tag; docs/structural-tags.md describes the formats.
 * @param tag as a JavaScript value or as JSON text
 * @throws CompileError `invalid_structural_tag` or `unsupported_keyword` with the JSON pointer in the tag, and what the
 * front ends of its parts throw, placed in the tag; LimitError naming the limit reached
 */
export function structuralTagGrammar(tag: unknown, options: StructuralTagOptions = {}): StructuralTagResult {
  const { maxFormatDepth = 200, maxFormats = 20_000 } = options;
  const format = readStructuralTag(typeof tag === 'string' ? parsed(tag) : tag, {
    maxFormatDepth,
    maxFormats,
  });
  const lowering = new Lowering(options);
  const grammar = lowering.grammar(format);
  const { annotations, unenforced } = lowering.schemas;
  return { grammar, annotations, unenforced };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `this is not JSON: ${(cause as Error).message}`;
    throw new CompileError('invalid_structural_tag', message, { pointer: '' }, { cause });
  }
}
