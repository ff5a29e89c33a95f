// A string argument as it stands between tags: any text but the closing tag, within what its schema asks for.
import {
  type AutomatonLimits,
  codePointsDfa,
  intersectDfa,
  MAX_CODE_POINT,
  repeatDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import {
  type FreeTextLimits,
  type GrammarBuilder,
  limitCharacters,
  type Node,
  regular,
  textWithout,
} from '../../grammar/index.js';
import { regexSearchDfa } from '../regex/index.js';
import { type JsonObject, refused, refuseOthers } from './value-schemas.js';
import { within } from './within.js';

/** The strings of a schema of type string that hold none of `excludes`. @throws CompileError `unsupported_keyword` */
export function rawString(
  schema: JsonObject,
  pointer: string,
  excludes: readonly string[],
  builder: GrammarBuilder,
  limits: AutomatonLimits & FreeTextLimits,
): Node {
  refuseOthers(schema, ['type', 'minLength', 'maxLength', 'pattern', 'format'], pointer);
  if ('format' in schema)
    throw refused(
      pointer,
      'format',
      `the format ${JSON.stringify(schema.format)} is not supported between tags`,
    );
  const free = textWithout(excludes, limits);
  const { min, max } = {
    min: length(schema, 'minLength', pointer) ?? 0,
    max: length(schema, 'maxLength', pointer),
  };
  if (!('pattern' in schema) && min === 0)
    return max === undefined ? regular(free) : limitCharacters(builder, pointer, free, max);
  const { pattern } = schema;
  if (pattern !== undefined && typeof pattern !== 'string')
    throw new CompileError('invalid_schema', 'expected a string', { pointer: `${pointer}/pattern` });
  let language = codePointsDfa(free);
  if (pattern !== undefined)
    language = within(pointer, '/pattern', () =>
      intersectDfa(language, regexSearchDfa(pattern, limits), limits),
    );
  if (min > 0) {
    const any = symbolsDfa([[0, MAX_CODE_POINT]]);
    language = intersectDfa(language, repeatDfa(any, min, Number.POSITIVE_INFINITY, limits), limits);
  }
  const spelled = utf8Dfa(language, limits);
  return max === undefined ? regular(spelled) : limitCharacters(builder, pointer, spelled, max);
}

function length(schema: JsonObject, keyword: string, pointer: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new CompileError('invalid_schema', 'expected a whole number from 0 on', {
      pointer: `${pointer}/${keyword}`,
      keyword,
    });
  return value;
}
