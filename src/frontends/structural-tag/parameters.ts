// The arguments of a call between tags, as several models write them: one tag a property of the schema's object. Strings
// stand there as they are, other values as JSON; Cohere nests objects and lists as tags again.
import {
  type AutomatonLimits,
  type Dfa,
  differenceDfa,
  intersectDfa,
  isEmptyLanguage,
  literalsDfa,
  repeatDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import {
  bytes,
  choiceOf,
  EMPTY,
  type FreeTextLimits,
  type GrammarBuilder,
  NEVER,
  type Node,
  op,
  regular,
  repeat,
  scope,
  sequence,
  writtenText,
} from '../../grammar/index.js';
import { regexSearchDfa } from '../regex/index.js';
import type { JsonSchemaFormat, ParameterStyle } from './formats.js';
import { cohereItem, type Style, styles, type ValueKind, writtenName } from './parameter-styles.js';
import { rawString } from './raw-strings.js';
import {
  isObject,
  type JsonObject,
  refused,
  refuseOthers,
  type ValueAlternative,
  ValueSchemas,
} from './value-schemas.js';
import { within } from './within.js';

export interface ParameterFormat extends JsonSchemaFormat {
  readonly style: ParameterStyle | Style;
}

interface ParameterLimits extends AutomatonLimits, FreeTextLimits {
  readonly maxWhitespace?: number;
}

/** Names that the schema does not list. */
const FREE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const KINDS: readonly ValueKind[] = ['string', 'number', 'boolean', 'null', 'object', 'array'];
const MANY = Number.POSITIVE_INFINITY;
/** In place of a pointer: values of any kind are the same wherever they stand. */
const ANYWHERE = 'any';

/**
 * The arguments that `format.schema` describes, an object. `json` compiles a schema to the JSON texts that satisfy it.
 * @throws CompileError `unsupported_keyword`, with the pointer in the structural tag, for what cannot be written so
 */
export function parameterNode(
  format: ParameterFormat,
  builder: GrammarBuilder,
  limits: ParameterLimits,
  json: (schema: unknown) => Node,
): Node {
  return new Parameters(format, builder, limits, json).node();
}

/** A parameter by its name, or by the language of its names. */
interface Parameter {
  readonly name: string | Dfa;
  readonly alternatives: readonly ValueAlternative[];
  readonly pointer: string;
}

class Parameters {
  readonly #format: ParameterFormat;
  readonly #style: Style;
  readonly #builder: GrammarBuilder;
  readonly #limits: ParameterLimits;
  readonly #json: (schema: unknown) => Node;
  readonly #schemas: ValueSchemas;
  readonly #space: Node;
  readonly #values = new Map<string, Node>();

  constructor(
    format: ParameterFormat,
    builder: GrammarBuilder,
    limits: ParameterLimits,
    json: (schema: unknown) => Node,
  ) {
    this.#format = format;
    this.#style = typeof format.style === 'string' ? styles[format.style] : format.style;
    this.#builder = builder;
    this.#limits = limits;
    this.#json = json;
    this.#schemas = new ValueSchemas(format.schema, format.schemaPointer);
    const blank = symbolsDfa([
      [0x09, 0x0a],
      [0x0d, 0x0d],
      [0x20, 0x20],
    ]);
    this.#space = regular(repeatDfa(blank, 0, format.maxWhitespace ?? limits.maxWhitespace ?? 20));
  }

  node(): Node {
    const { schema, pointer } = this.#schemas.resolve(this.#format.schema, this.#format.schemaPointer);
    return this.#object(schema, pointer);
  }

  #object(written: unknown, at: string): Node {
    const { schema, pointer } = this.#schemas.resolve(written, at);
    if (typeof schema === 'boolean') return schema ? this.#object({}, pointer) : NEVER;
    if (!isObject(schema)) throw new CompileError('invalid_schema', 'expected a schema', { pointer });
    refuseOthers(
      schema,
      ['type', 'properties', 'required', 'additionalProperties', 'patternProperties'],
      pointer,
    );
    if (schema.type !== undefined && schema.type !== 'object')
      throw refused(pointer, 'type', 'arguments between tags are those of an object');
    const listed = this.#listed(schema, pointer);
    const others = this.#others(schema, pointer, listed);
    return this.#format.anyOrder
      ? this.#inAnyOrder(listed, others, pointer)
      : this.#inOrder(listed, others, pointer);
  }

  /** The properties with their names, those required first told from the others. */
  #listed(schema: JsonObject, pointer: string): (Parameter & { readonly required: boolean })[] {
    const properties = schema.properties ?? {};
    const required: unknown = schema.required ?? [];
    if (!isObject(properties)) throw new CompileError('invalid_schema', 'expected an object', { pointer });
    if (!Array.isArray(required)) throw new CompileError('invalid_schema', 'expected a list', { pointer });
    const unlisted = required.find((name) => !Object.hasOwn(properties, name));
    if (unlisted !== undefined)
      throw refused(pointer, 'required', `'${unlisted}' is required and not among the properties`);
    return Object.entries(properties).map(([name, property]) => {
      const where = `${pointer}/properties/${name}`;
      return {
        name,
        pointer: where,
        alternatives: this.#schemas.alternatives(property, where),
        required: required.includes(name),
      };
    });
  }

  /** What may stand beside the properties: nothing, unless the schema says so or lists none. */
  #others(schema: JsonObject, pointer: string, listed: readonly Parameter[]): Parameter[] {
    const patterns = Object.entries((schema.patternProperties ?? {}) as JsonObject);
    const others: (Parameter & { readonly name: Dfa })[] = [];
    let left = differenceDfa(
      regexSearchDfa(FREE_NAME.source),
      literalsDfa(
        listed.map(({ name }) => Array.from(String(name), (character) => character.codePointAt(0)!)),
      ),
    );
    for (const [pattern, value] of patterns) {
      const where = `${pointer}/patternProperties/${pattern}`;
      const found = within(where, '', () => regexSearchDfa(pattern, this.#limits));
      if (listed.some(({ name }) => new RegExp(pattern, 'u').test(String(name))))
        throw refused(
          pointer,
          'patternProperties',
          'a pattern that a listed property matches is not supported',
        );
      const names = intersectDfa(left, found, this.#limits);
      if (others.some(({ name }) => !isEmptyLanguage(intersectDfa(name, found, this.#limits))))
        throw refused(pointer, 'patternProperties', 'patterns that match the same names are not supported');
      others.push({ name: names, pointer: where, alternatives: this.#schemas.alternatives(value, where) });
      left = differenceDfa(left, found, this.#limits);
    }
    const isOpen = !('properties' in schema) && patterns.length === 0;
    const additional = schema.additionalProperties ?? isOpen;
    const where = `${pointer}/additionalProperties`;
    others.push({ name: left, pointer: where, alternatives: this.#schemas.alternatives(additional, where) });
    return others.filter(({ name, alternatives }) => alternatives.length > 0 && !isEmptyLanguage(name));
  }

  #inOrder(
    listed: readonly (Parameter & { readonly required: boolean })[],
    others: readonly Parameter[],
    pointer: string,
  ): Node {
    const more = choiceOf(others.map((other) => sequence(this.#space, this.#parameter(other))));
    const end = sequence(repeat(more, 0, MANY), this.#space);
    return listed.reduceRight<Node>((rest, parameter) => {
      const member = sequence(this.#space, this.#parameter(parameter), rest);
      return this.#builder.rule(
        `${pointer}<${parameter.name}>`,
        parameter.required ? member : choiceOf([member, rest]),
      );
    }, end);
  }

  /** Each property once, in any order: marked in a frame's registers, those required first. */
  #inAnyOrder(
    listed: readonly (Parameter & { readonly required: boolean })[],
    others: readonly Parameter[],
    pointer: string,
  ): Node {
    const sorted = [
      ...listed.filter(({ required }) => required),
      ...listed.filter(({ required }) => !required),
    ];
    const needed = listed.filter(({ required }) => required).length;
    const loop = this.#builder.declare(`${pointer}<>`);
    const members = sorted.map((parameter, bit) =>
      sequence(op({ kind: 'mark', bit }), this.#space, this.#parameter(parameter), loop),
    );
    const more = others.map((other) => sequence(this.#space, this.#parameter(other), loop));
    const complete = needed > 0 ? op({ kind: 'marked', from: 0, to: needed }) : EMPTY;
    this.#builder.define(loop, choiceOf([...members, ...more, sequence(complete, this.#space)]));
    return scope(loop);
  }

  #parameter({ name, alternatives, pointer }: Parameter): Node {
    const { open, behindName } = this.#style;
    const written = typeof name === 'string' ? bytes(writtenName(name, this.#style)) : regular(utf8Dfa(name));
    const before = (kind: ValueKind): Node =>
      typeof behindName === 'function'
        ? this.#tag(behindName(kind))
        : behindName
            .slice(1)
            .reduce<Node>(
              (node, text) => sequence(node, this.#space, this.#tag(text)),
              this.#tag(behindName[0]),
            );
    const key = `${typeof name === 'string'} ${pointer}`;
    const value =
      this.#values.get(key) ?? this.#builder.rule(pointer, this.#value(alternatives, pointer, before));
    this.#values.set(key, value);
    return sequence(this.#tag(open), written, value);
  }

  /** Text of a tag, with its special tokens. A value, which is text, cannot hold these. */
  #tag(text: string): Node {
    return writtenText(text, this.#style.specialTokens ?? []);
  }

  /** From behind the name to the closing tag. */
  #value(
    alternatives: readonly ValueAlternative[],
    pointer: string,
    before: (kind: ValueKind) => Node,
  ): Node {
    return choiceOf(
      alternatives.flatMap((alternative) =>
        this.#written(alternative, pointer).map(({ kind, node }) =>
          sequence(before(kind), node, this.#tag(this.#style.close)),
        ),
      ),
    );
  }

  /** An alternative as the text between the tags, with its kind. */
  #written(alternative: ValueAlternative, pointer: string): { kind: ValueKind; node: Node }[] {
    const spaced = (node: Node) => sequence(this.#space, node, this.#space);
    const around = (node: Node) => (this.#style.spaceAroundStrings ? spaced(node) : node);
    const excludes = [this.#style.close, ...this.#format.excludes];
    switch (alternative.kind) {
      case 'any':
        return this.#any(pointer);
      case 'text': {
        const isHeld = excludes.some((excluded) => alternative.text.includes(excluded));
        return isHeld ? [] : [{ kind: 'string', node: around(bytes(alternative.text)) }];
      }
      case 'string': {
        const node = rawString(
          alternative.schema,
          alternative.pointer,
          excludes,
          this.#builder,
          this.#limits,
        );
        const isFree = !(
          'pattern' in alternative.schema ||
          'minLength' in alternative.schema ||
          'maxLength' in alternative.schema
        );
        return [{ kind: 'string', node: isFree ? node : around(node) }];
      }
      case 'object':
      case 'array':
        if (this.#format.style === 'cohere_xml' && !('const' in alternative.schema))
          return [{ kind: alternative.kind, node: spaced(this.#nested(alternative)) }];
        return [{ kind: alternative.kind, node: spaced(this.#jsonOf(alternative.schema)) }];
      default:
        return [{ kind: alternative.kind, node: spaced(this.#jsonOf(alternative.schema)) }];
    }
  }

  /** Any value at all: any text, where the style does not tell kinds apart. */
  #any(pointer: string): { kind: ValueKind; node: Node }[] {
    const excludes = [this.#style.close, ...this.#format.excludes];
    const text = rawString({}, pointer, excludes, this.#builder, this.#limits);
    if (this.#format.style === 'kimi_k3_xml')
      return ([...KINDS, 'integer'] as const).map((kind) => ({ kind, node: text }));
    if (typeof this.#style.behindName !== 'function') return [{ kind: 'string', node: text }];
    return [
      { kind: 'string', node: text },
      ...KINDS.filter((kind) => kind !== 'string').flatMap((kind) =>
        this.#written({ kind, schema: { type: kind }, pointer: ANYWHERE } as ValueAlternative, ANYWHERE),
      ),
    ];
  }

  /** Cohere's objects and lists. */
  #nested({ kind, schema, pointer }: Exclude<ValueAlternative, { kind: 'any' | 'text' }>): Node {
    const key = `nested ${pointer}`;
    const known = this.#values.get(key);
    if (known) return known;
    const rule = this.#builder.declare(pointer, { pointer });
    this.#values.set(key, rule);
    this.#builder.define(
      rule,
      kind === 'object' ? this.#object(schema, pointer) : this.#list(schema, pointer),
    );
    return rule;
  }

  #list(schema: JsonObject, pointer: string): Node {
    refuseOthers(schema, ['type', 'items', 'minItems', 'maxItems'], pointer);
    const where = `${pointer}/items`;
    const item = this.#value(this.#schemas.alternatives(schema.items ?? true, where), where, (kind) =>
      bytes(cohereItem(kind)),
    );
    return repeat(item, Number(schema.minItems ?? 0), Number(schema.maxItems ?? MANY));
  }

  /** The JSON of a part of the schema, which may refer to its definitions. */
  #jsonOf(schema: JsonObject): Node {
    const root = isObject(this.#format.schema) ? this.#format.schema : {};
    const { $defs, definitions, $schema } = root;
    return this.#json({
      ...($schema !== undefined && { $schema }),
      ...($defs !== undefined && { $defs }),
      ...(definitions !== undefined && { definitions }),
      ...schema,
    });
  }
}
