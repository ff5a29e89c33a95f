// From the JSON of a structural tag to its formats: the typed form, and the legacy form that it replaces.
import { CompileError, LimitError } from '../../errors.js';
import { Fields, invalid, tokenName } from './fields.js';
import { type Format, isUnlimited, type JsonSchemaFormat, type TagFormat } from './formats.js';

export interface ReadLimits {
  /** Formats inside each other. */
  readonly maxFormatDepth: number;
  /** Formats in all. */
  readonly maxFormats: number;
}

/**
 * The format of a structural tag, `{type: 'structural_tag', format}` or `{structures, triggers}`.
 * @throws CompileError `invalid_structural_tag`, `unsupported_keyword` with the JSON pointer; LimitError
 */
export function readStructuralTag(tag: unknown, limits: ReadLimits): Format {
  const fields = new Fields(tag, '');
  const reader = new Reader(limits);
  if (fields.has('type') && fields.value('type') !== 'structural_tag')
    throw invalid(fields.at('type'), "expected 'structural_tag'");
  if (!fields.has('format')) return reader.legacy(fields);
  const format = reader.format(fields.value('format'), fields.at('format'), 0);
  fields.refuseOthers();
  return format;
}

const STYLES: ReadonlySet<unknown> = new Set([
  ...[
    'json',
    'qwen_xml',
    'minimax_xml',
    'deepseek_xml',
    'deepseek_v4_1_xml',
    'glm_xml',
    'cohere_xml',
    'kimi_k3_xml',
  ],
]);
const MANY = Number.POSITIVE_INFINITY;

/** What a format without `type` is, by a field that only it has. */
const TELLING: readonly (readonly [field: string, type: string])[] = [
  ['value', 'const_string'],
  ['json_schema', 'json_schema'],
  ['begin', 'tag'],
  ['triggers', 'triggered_tags'],
  ['separator', 'tags_with_separator'],
  ['elements', 'sequence'],
];

class Reader {
  readonly #limits: ReadLimits;
  #formats = 0;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  /** `{structures: [{begin, schema, end}], triggers}`. */
  legacy(fields: Fields): Format {
    const tags = fields.list('structures').map((item, i): TagFormat => {
      const pointer = `${fields.at('structures')}/${i}`;
      const structure = new Fields(item, pointer);
      const content = this.#jsonSchema(structure, 'schema', 'json');
      const tag = { type: 'tag' as const, pointer, begin: structure.string('begin'), content };
      const end = [structure.string('end')];
      structure.refuseOthers();
      return { ...tag, end };
    });
    const format = this.#triggered(fields, tags);
    fields.refuseOthers();
    return format;
  }

  format(value: unknown, pointer: string, depth: number): Format {
    const { maxFormatDepth, maxFormats } = this.#limits;
    if (depth > maxFormatDepth)
      throw new LimitError('maxFormatDepth', maxFormatDepth, 'formats nest too deeply', { pointer });
    if (++this.#formats > maxFormats)
      throw new LimitError('maxFormats', maxFormats, 'too many formats', { pointer });
    const fields = new Fields(value, pointer);
    const type = fields.value('type') ?? TELLING.find(([field]) => fields.has(field))?.[1];
    if (type === undefined) throw invalid(pointer, "the field 'type' is missing");
    const format = this.#ofType(type, fields, depth);
    fields.refuseOthers();
    return format;
  }

  #ofType(type: unknown, fields: Fields, depth: number): Format {
    const { pointer } = fields;
    const content = () => this.format(fields.required('content'), fields.at('content'), depth + 1);
    switch (type) {
      case 'const_string':
        return { type, pointer, value: fields.string('value') };
      case 'json_schema':
        return this.#jsonSchema(fields, 'json_schema', fields.value('style') ?? 'json');
      case 'qwen_xml_parameter':
        return this.#jsonSchema(fields, 'json_schema', 'qwen_xml');
      case 'regex':
        return { type, pointer, pattern: fields.nonEmptyString('pattern') };
      case 'grammar':
        return { type, pointer, grammar: fields.nonEmptyString('grammar') };
      case 'any_text':
        return this.#anyText(fields);
      case 'token':
        return {
          type: 'one_token',
          pointer,
          except: false,
          tokens: [tokenName(fields.required('token'), fields.at('token'))],
        };
      case 'exclude_token':
        return { type: 'one_token', pointer, except: true, tokens: fields.tokens('exclude_tokens') };
      case 'any_tokens': {
        const exclude = fields.tokens('exclude_tokens');
        return { type, pointer, exclude, max: fields.count('max_tokens') ?? MANY };
      }
      case 'sequence':
      case 'or':
        return { type, pointer, elements: this.#formatsOf(fields, 'elements', depth) };
      case 'optional':
        return { type: 'repeat', pointer, content: content(), min: 0, max: 1 };
      case 'star':
        return { type: 'repeat', pointer, content: content(), min: 0, max: MANY };
      case 'plus':
        return { type: 'repeat', pointer, content: content(), min: 1, max: MANY };
      case 'repeat':
        return { type, pointer, content: content(), ...bounds(fields) };
      case 'tag':
        return this.#tag(fields, depth);
      case 'triggered_tags':
        return this.#triggered(fields, this.#tags(fields, depth));
      case 'token_triggered_tags':
        return this.#tokenTriggered(fields, depth);
      case 'tags_with_separator':
        return {
          type,
          pointer,
          tags: this.#tags(fields, depth),
          separator: fields.string('separator'),
          atLeastOne: fields.boolean('at_least_one', false),
          stopAfterFirst: fields.boolean('stop_after_first', false),
        };
      case 'dispatch':
      case 'token_dispatch':
        return this.#dispatch(type, fields, depth);
      default:
        throw new CompileError('unsupported_keyword', `the format ${JSON.stringify(type)} is not known`, {
          pointer,
          keyword: String(type),
        });
    }
  }

  #formatsOf(fields: Fields, name: string, depth: number): Format[] {
    return fields.list(name).map((item, i) => this.format(item, `${fields.at(name)}/${i}`, depth + 1));
  }

  #anyText(fields: Fields): Format {
    const { pointer } = fields;
    const maxTokens = fields.count('max_tokens');
    const excludes = fields.strings('excludes');
    const maxChars = fields.count('max_chars');
    if (maxTokens === 0) return { type: 'const_string', pointer, value: '' };
    if (maxTokens !== undefined)
      throw new CompileError('unsupported_keyword', 'a limit on the tokens of a text is not supported', {
        pointer: fields.at('max_tokens'),
        keyword: 'max_tokens',
      });
    return { type: 'any_text', pointer, excludes, maxChars };
  }

  /** The legacy form's schema may also be JSON text. */
  #jsonSchema(fields: Fields, name: 'json_schema' | 'schema', style: unknown): JsonSchemaFormat {
    const schema = fields.required(name);
    const isObject = typeof schema === 'object' && schema !== null && !Array.isArray(schema);
    const isText = name === 'schema' && typeof schema === 'string';
    if (!isObject && !isText && typeof schema !== 'boolean')
      throw invalid(fields.at(name), 'expected a JSON Schema, an object or a boolean');
    if (!STYLES.has(style))
      throw new CompileError('unsupported_keyword', `the style ${JSON.stringify(style)} is not supported`, {
        pointer: fields.at('style'),
        keyword: 'style',
      });
    const maxWhitespace = fields.count('max_whitespace_cnt');
    if (maxWhitespace === 0) throw invalid(fields.at('max_whitespace_cnt'), 'expected a positive number');
    return {
      type: 'json_schema',
      pointer: fields.pointer,
      schema,
      schemaPointer: fields.at(name),
      style: style as JsonSchemaFormat['style'],
      anyOrder: fields.boolean('any_order', false),
      maxWhitespace,
      excludes: fields.strings('excludes'),
    };
  }

  #tag(fields: Fields, depth: number): TagFormat {
    const begin = fields.required('begin');
    const content = this.format(fields.required('content'), fields.at('content'), depth + 1);
    const end = fields.required('end');
    const tag: TagFormat = {
      type: 'tag',
      pointer: fields.pointer,
      begin: typeof begin === 'string' ? begin : { token: tokenOf(begin, fields.at('begin')) },
      content,
      end:
        Array.isArray(end) || typeof end === 'string'
          ? ends(end, fields)
          : { token: tokenOf(end, fields.at('end')) },
    };
    if (!('token' in tag.end) && tag.end.every((text) => text === '') && isUnlimited(content))
      throw invalid(fields.at('end'), 'the content may go on for ever: some end must not be empty');
    return tag;
  }

  #tags(fields: Fields, depth: number): TagFormat[] {
    return fields.list('tags').map((item, i) => {
      const tag = new Fields(item, `${fields.at('tags')}/${i}`);
      if ((tag.value('type') ?? 'tag') !== 'tag') throw invalid(tag.at('type'), "expected 'tag'");
      if (++this.#formats > this.#limits.maxFormats)
        throw new LimitError('maxFormats', this.#limits.maxFormats, 'too many formats', {
          pointer: tag.pointer,
        });
      const format = this.#tag(tag, depth + 1);
      tag.refuseOthers();
      return format;
    });
  }

  #triggered(fields: Fields, tags: readonly TagFormat[]): Format {
    fields.list('triggers');
    const triggers = fields.strings('triggers');
    for (const { begin, pointer } of tags) {
      if (typeof begin !== 'string')
        throw invalid(`${pointer}/begin`, 'expected a string: triggers are strings');
      checkTrigger(triggers.filter((trigger) => begin.startsWith(trigger)).length, pointer);
    }
    checkUse(fields, triggers, (trigger) => tags.some(({ begin }) => String(begin).startsWith(trigger)));
    return {
      type: 'triggered_tags',
      pointer: fields.pointer,
      triggers,
      tags,
      atLeastOne: fields.boolean('at_least_one', false),
      stopAfterFirst: fields.boolean('stop_after_first', false),
      excludes: fields.strings('excludes'),
    };
  }

  #tokenTriggered(fields: Fields, depth: number): Format {
    fields.list('trigger_tokens');
    const triggers = fields.tokens('trigger_tokens');
    const tags = this.#tags(fields, depth);
    for (const { begin, pointer } of tags) {
      if (typeof begin === 'string')
        throw invalid(`${pointer}/begin`, 'expected a token: triggers are tokens');
      checkTrigger(triggers.filter((trigger) => trigger === begin.token).length, pointer);
    }
    return {
      type: 'token_triggered_tags',
      pointer: fields.pointer,
      triggers,
      tags,
      atLeastOne: fields.boolean('at_least_one', false),
      stopAfterFirst: fields.boolean('stop_after_first', false),
      exclude: fields.tokens('exclude_tokens'),
    };
  }

  #dispatch(type: 'dispatch' | 'token_dispatch', fields: Fields, depth: number): Format {
    const rules = fields.list('rules').map((item, i) => {
      const pointer = `${fields.at('rules')}/${i}`;
      if (!Array.isArray(item) || item.length !== 2)
        throw invalid(pointer, 'expected a pair [pattern, format]');
      const [pattern, content] = item as [unknown, unknown];
      return { pattern, pointer: `${pointer}/0`, content: this.format(content, `${pointer}/1`, depth + 1) };
    });
    const loop = fields.boolean('loop', true);
    const { pointer } = fields;
    if (type === 'token_dispatch') {
      const exclude = fields.tokens('exclude_tokens');
      const pairs = rules.map((rule) => [tokenName(rule.pattern, rule.pointer), rule.content] as const);
      return { type, pointer, rules: pairs, loop, exclude };
    }
    const pairs = rules.map((rule) => {
      if (typeof rule.pattern !== 'string' || rule.pattern === '')
        throw invalid(rule.pointer, 'expected a string that is not empty');
      return [rule.pattern, rule.content] as const;
    });
    return { type, pointer, rules: pairs, loop, excludes: fields.strings('excludes') };
  }
}

function bounds(fields: Fields): { min: number; max: number } {
  const whole = (name: string, least: number) => {
    const value = fields.required(name);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
      throw invalid(fields.at(name), `expected a whole number from ${least} on`);
    return value;
  };
  const min = whole('min', 0);
  const max = whole('max', -1);
  if (max >= 0 && min > max) throw invalid(fields.at('min'), 'min is larger than max');
  return { min, max: max < 0 ? MANY : max };
}

function ends(end: unknown, fields: Fields): readonly string[] {
  const list: readonly unknown[] = Array.isArray(end) ? end : [end];
  if (list.length === 0) throw invalid(fields.at('end'), 'expected a list that is not empty');
  return list.map((text, i) => {
    if (typeof text !== 'string') throw invalid(`${fields.at('end')}/${i}`, 'expected a string');
    return text;
  });
}

/** The token of `{type: 'token', token}`. */
function tokenOf(value: unknown, pointer: string): string | number {
  const isToken = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isToken) throw invalid(pointer, 'expected a string or a token');
  const fields = new Fields(value, pointer);
  if ((fields.value('type') ?? 'token') !== 'token') throw invalid(fields.at('type'), "expected 'token'");
  const token = tokenName(fields.required('token'), fields.at('token'));
  fields.refuseOthers();
  return token;
}

function checkTrigger(matching: number, pointer: string): void {
  if (matching === 0) throw invalid(`${pointer}/begin`, 'no trigger begins this tag');
  if (matching > 1) throw invalid(`${pointer}/begin`, 'several triggers begin this tag');
}

function checkUse(fields: Fields, triggers: readonly string[], used: (trigger: string) => boolean): void {
  const idle = triggers.findIndex((trigger) => !used(trigger));
  if (idle >= 0) throw invalid(`${fields.at('triggers')}/${idle}`, 'this trigger begins no tag');
}
