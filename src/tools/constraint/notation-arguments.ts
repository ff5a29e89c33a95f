// The arguments that a schema describes, in a notation that is not JSON: properties in the schema's order, those not
// required may be left out, lists and objects inside of each other. Names that no schema lists are written only where the
// schema lists none at all.
import { CompileError } from '../../errors.js';
import { jsonSchemaGrammar } from '../../frontends/json-schema/index.js';
import {
  isObject,
  type JsonObject,
  rawString,
  refused,
  refuseOthers,
  type ValueAlternative,
  ValueSchemas,
} from '../../frontends/structural-tag/index.js';
import {
  bytes,
  choiceOf,
  EMPTY,
  type GrammarBuilder,
  mergeInto,
  type Node,
  optional,
  repeat,
  sequence,
  sequenceOf,
  writtenText,
} from '../../grammar/index.js';
import { aroundAnyName, type Notation, type Sequence, type Surround, wordsNode } from './notation.js';

/** Names that may stand bare. */
const NAME = /^[A-Za-z0-9_.-][A-Za-z0-9_./-]*$/;
const MANY = Number.POSITIVE_INFINITY;
/** In place of a pointer: any value is the same wherever it stands. */
const ANY = 'any-value';
const NAME_CHARACTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-'];

/** @throws CompileError `unsupported_keyword` for what the notation cannot carry */
export function notationArguments(
  builder: GrammarBuilder,
  schema: JsonObject,
  notation: Notation,
  specialTokens: readonly string[],
): Node {
  return new NotationArguments(builder, schema, notation, specialTokens).node();
}

class NotationArguments {
  readonly #builder: GrammarBuilder;
  readonly #root: JsonObject;
  readonly #notation: Notation;
  readonly #tokens: readonly string[];
  readonly #schemas: ValueSchemas;
  readonly #values = new Map<string, Node>();

  constructor(
    builder: GrammarBuilder,
    schema: JsonObject,
    notation: Notation,
    specialTokens: readonly string[],
  ) {
    this.#builder = builder;
    this.#root = schema;
    this.#notation = notation;
    this.#tokens = specialTokens;
    this.#schemas = new ValueSchemas(schema, '');
  }

  node(): Node {
    return this.#members(this.#root, '', this.#notation.arguments, this.#notation.argument);
  }

  /** The members of an object: what stands between two of them only where one came before. */
  #members(schema: JsonObject, pointer: string, { open, between, close }: Sequence, form: Surround): Node {
    refuseOthers(schema, ['type', 'properties', 'required', 'additionalProperties'], pointer);
    const { properties = {}, required = [] } = schema;
    if (!isObject(properties)) throw new CompileError('invalid_schema', 'expected an object', { pointer });
    const needed = new Set<unknown>(Array.isArray(required) ? required : []);
    for (const name of needed)
      if (typeof name !== 'string' || !Object.hasOwn(properties, name))
        throw refused(pointer, 'required', `'${name}' is required and not among the properties`);
    const names = Object.keys(properties);
    if (names.length === 0)
      return sequenceOf([this.#mark(open), this.#free(schema, pointer, between, form), this.#mark(close)]);
    const isBare = form === this.#notation.argument || this.#notation.bareMembers;
    let [first, later]: [Node, Node] = [EMPTY, EMPTY];
    for (const name of names.reverse()) {
      if (isBare && !NAME.test(name)) {
        if (needed.has(name)) throw refused(pointer, 'properties', `'${name}' cannot be written as a name`);
        continue;
      }
      const where = `${pointer}/properties/${name}`;
      const value = this.#surrounded(form, name, this.#value(properties[name], where));
      const member = this.#builder.rule(where, value);
      const behind = this.#builder.rule(`${where}-behind`, later);
      const begin = sequence(member, behind);
      const goOn = sequenceOf([this.#mark(between), member, behind]);
      const isNeeded = needed.has(name);
      first = this.#builder.rule(`${where}-first`, isNeeded ? begin : choiceOf([begin, first]));
      later = isNeeded ? goOn : choiceOf([goOn, behind]);
    }
    return sequenceOf([this.#mark(open), first, this.#mark(close)]);
  }

  /** Members under names that no schema lists. */
  #free(schema: JsonObject, pointer: string, between: string, form: Surround): Node {
    const isFree = schema.additionalProperties ?? !('properties' in schema);
    if (isFree === false) return EMPTY;
    const around = aroundAnyName(form);
    if (around === undefined)
      throw refused(
        pointer,
        'additionalProperties',
        'members under names that are not listed cannot be written',
      );
    const value = this.#value(isFree, `${pointer}/additionalProperties`);
    const [left, right, behind] = [around.left, around.right, around.behind].map((mark) => this.#mark(mark));
    const parts = [left, anyName(), right, value, behind];
    const member = this.#builder.rule(`${pointer}/member`, sequenceOf(parts));
    return optional(sequence(member, repeat(sequence(this.#mark(between), member), 0, MANY)));
  }

  #value(schema: unknown, pointer: string): Node {
    const resolved = this.#schemas.resolve(schema, pointer);
    const known = this.#values.get(resolved.pointer);
    if (known) return known;
    const rule = this.#builder.declare(`value-${resolved.pointer}`);
    this.#values.set(resolved.pointer, rule);
    this.#builder.define(rule, this.#choices(resolved.schema, resolved.pointer));
    return rule;
  }

  #choices(schema: unknown, pointer: string): Node {
    try {
      const alternatives = this.#schemas.alternatives(schema, pointer);
      return choiceOf(alternatives.map((alternative) => this.#alternative(alternative, pointer)));
    } catch (error) {
      const isCarried = this.#notation.takesJson && error instanceof CompileError;
      if (!isCarried || error.code !== 'unsupported_keyword') throw error;
      return this.#json(schema);
    }
  }

  #alternative(alternative: ValueAlternative, pointer: string): Node {
    switch (alternative.kind) {
      case 'any':
        return this.#any(pointer);
      case 'text':
        return this.#text(alternative.text);
      case 'string':
        return this.#string(alternative.schema, alternative.pointer);
      case 'boolean':
      case 'null':
        return this.#word(alternative.kind, alternative.schema);
      case 'array':
      case 'object':
        if ('const' in alternative.schema)
          throw refused(pointer, 'const', 'a list or object as a fixed value is not supported here');
        return alternative.kind === 'array'
          ? this.#list(alternative.schema, alternative.pointer)
          : this.#members(
              alternative.schema,
              alternative.pointer,
              this.#notation.object,
              this.#notation.member,
            );
      default:
        return this.#json(alternative.schema);
    }
  }

  /** Any value: where names stand behind values too, none that is an object. */
  #any(pointer: string): Node {
    const known = this.#values.get(ANY);
    if (known) return known;
    const rule = this.#builder.declare(ANY);
    this.#values.set(ANY, rule);
    const { object, member } = this.#notation;
    const options = [
      this.#string({}, pointer),
      this.#json({ type: 'number' }),
      wordsNode(this.#notation, 'boolean'),
      wordsNode(this.#notation, 'null'),
      this.#list({}, ANY),
    ];
    if (aroundAnyName(member)) options.push(this.#members({}, ANY, object, member));
    this.#builder.define(rule, choiceOf(options));
    return rule;
  }

  #text(text: string): Node {
    const { quote, excludes } = this.#notation;
    if (quote === undefined) return this.#json({ const: text });
    if (excludes.some((excluded) => text.includes(excluded))) return choiceOf([]);
    return sequenceOf([this.#mark(quote), bytes(text), this.#mark(quote)]);
  }

  #string(schema: JsonObject, pointer: string): Node {
    const { quote, excludes } = this.#notation;
    if (quote === undefined) return this.#json({ ...schema, type: 'string' });
    const text = rawString(schema, pointer, excludes, this.#builder, {});
    return sequenceOf([this.#mark(quote), text, this.#mark(quote)]);
  }

  #word(kind: 'boolean' | 'null', schema: JsonObject): Node {
    if (!('const' in schema)) return wordsNode(this.#notation, kind);
    return bytes(this.#notation.words[String(schema.const) as 'true' | 'false' | 'null']);
  }

  #list(schema: JsonObject, pointer: string): Node {
    refuseOthers(schema, ['type', 'items', 'minItems', 'maxItems'], pointer);
    const { list, element } = this.#notation;
    const min = Number(schema.minItems ?? 0);
    const max = Number(schema.maxItems ?? MANY);
    const item = this.#surrounded(element, '', this.#value(schema.items ?? true, `${pointer}/items`));
    const more = repeat(sequence(this.#mark(list.between), item), Math.max(0, min - 1), max - 1);
    const items = max === 0 ? EMPTY : sequence(item, more);
    return sequenceOf([this.#mark(list.open), min === 0 ? optional(items) : items, this.#mark(list.close)]);
  }

  #surrounded(surround: Surround, name: string, value: Node): Node {
    const [before, behind] = surround(name);
    return sequenceOf([this.#mark(before), value, this.#mark(behind)]);
  }

  /** Text of the notation, with its special tokens. */
  #mark(text: string): Node {
    return writtenText(text, this.#tokens);
  }

  /** The JSON of a part of the schema, which may refer to its definitions. */
  #json(schema: unknown): Node {
    const { $defs, definitions, $schema } = this.#root;
    const part = isObject(schema)
      ? {
          ...($schema !== undefined && { $schema }),
          ...($defs !== undefined && { $defs }),
          ...(definitions !== undefined && { definitions }),
          ...schema,
        }
      : schema;
    return mergeInto(this.#builder, jsonSchemaGrammar(part, {}).grammar);
  }
}

/** A name of letters, digits and what paths have. */
function anyName(): Node {
  return repeat(choiceOf(NAME_CHARACTERS.map((text) => bytes(text))), 1, MANY);
}
