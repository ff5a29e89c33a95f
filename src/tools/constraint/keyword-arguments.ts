// Python's keyword arguments: a=1, b="x". Values are JSON, which Python's readers and ours take, but for the words that
// Python writes otherwise; strings are in double quotes.
import { CompileError } from '../../errors.js';
import { jsonSchemaGrammar } from '../../frontends/json-schema/index.js';
import {
  bytes,
  choiceOf,
  EMPTY,
  type GrammarBuilder,
  mergeInto,
  type Node,
  sequenceOf,
} from '../../grammar/index.js';

type Schema = Readonly<Record<string, unknown>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Keywords of the object that say nothing about its members, or are written by this file. */
const KNOWN = [
  'type',
  'properties',
  'required',
  'additionalProperties',
  'title',
  'description',
  'default',
  'examples',
  '$defs',
  'definitions',
  '$schema',
  '$id',
  '$comment',
];

/**
 * The arguments of an object schema in its order of properties; those not required may be left out. Names that are not
 * listed are not written, which any schema that allows them allows too.
 * @throws CompileError `unsupported_keyword` for what cannot be written so
 */
export function keywordArguments(builder: GrammarBuilder, schema: Schema): Node {
  const { properties = {}, required = [] } = schema;
  const other = Object.keys(schema).find((keyword) => !KNOWN.includes(keyword));
  if (other !== undefined) throw refused(other, `'${other}' is not supported in keyword arguments`);
  if (!isObject(properties))
    throw new CompileError('invalid_schema', 'expected an object', { pointer: '/properties' });
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const unlisted = [...needed].find((name) => typeof name !== 'string' || !Object.hasOwn(properties, name));
  if (unlisted !== undefined)
    throw refused('required', `'${unlisted}' is required and not among the properties`);
  let [first, later]: [Node, Node] = [EMPTY, EMPTY];
  for (const [name, property] of Object.entries(properties).reverse()) {
    if (!NAME.test(name)) {
      if (needed.has(name)) throw refused('properties', `'${name}' cannot be the name of a keyword argument`);
      continue;
    }
    const argument = sequenceOf([bytes(`${name}=`), valueNode(builder, property, schema)]);
    const member = builder.rule(`argument-${name}`, argument);
    const behind = builder.rule(`behind-${name}`, later);
    const begin = sequenceOf([member, behind]);
    const goOn = sequenceOf([bytes(', '), member, behind]);
    const isNeeded = needed.has(name);
    first = builder.rule(`first-${name}`, isNeeded ? begin : choiceOf([begin, first]));
    later = isNeeded ? goOn : choiceOf([goOn, behind]);
  }
  return first;
}

function valueNode(builder: GrammarBuilder, property: unknown, root: Schema): Node {
  if (isObject(property) && isOnly(property, 'boolean')) return choiceOf([bytes('True'), bytes('False')]);
  if (isObject(property) && isOnly(property, 'null')) return bytes('None');
  const { $defs, definitions, $schema } = root;
  const schema = isObject(property)
    ? {
        ...($schema !== undefined && { $schema }),
        ...($defs !== undefined && { $defs }),
        ...(definitions !== undefined && { definitions }),
        ...property,
      }
    : property;
  return mergeInto(builder, jsonSchemaGrammar(schema, {}).grammar);
}

/** Whether the schema says this type and nothing else of the value. */
function isOnly(schema: Schema, type: string): boolean {
  const said = Object.keys(schema).filter((key) => !['title', 'description', 'default'].includes(key));
  return said.length === 1 && schema.type === type;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(keyword: string, message: string): CompileError {
  return new CompileError('unsupported_keyword', message, { pointer: `/${keyword}`, keyword });
}
