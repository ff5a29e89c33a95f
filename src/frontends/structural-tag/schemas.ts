// The JSON schemas of a structural tag: as JSON by the JSON Schema front end, or as parameters between tags. Equal schemas
// are compiled once.
import { CompileError } from '../../errors.js';
import { type FreeTextLimits, type GrammarBuilder, mergeInto, type Node } from '../../grammar/index.js';
import {
  type Annotation,
  type JsonSchemaOptions,
  jsonSchemaGrammar,
  type Unenforced,
} from '../json-schema/index.js';
import type { JsonSchemaFormat } from './formats.js';
import { parameterNode } from './parameters.js';
import { within } from './within.js';
import { withoutStrings } from './without-strings.js';

export type SchemaOptions = JsonSchemaOptions & FreeTextLimits;

export class Schemas {
  readonly annotations: Annotation[] = [];
  readonly unenforced: Unenforced[] = [];
  readonly #builder: GrammarBuilder;
  readonly #options: SchemaOptions;
  readonly #nodes = new Map<string, Node>();
  /** Of the schemas that are JSON, those of single arguments included. */
  readonly #json = new Map<string, Node>();

  constructor(builder: GrammarBuilder, options: SchemaOptions) {
    this.#builder = builder;
    this.#options = options;
  }

  /** @throws CompileError of the JSON Schema front end, placed in the tag; `unsupported_keyword` */
  node(format: JsonSchemaFormat): Node {
    const { style, excludes, anyOrder, maxWhitespace } = format;
    const key = JSON.stringify([format.schema, style, excludes, anyOrder, maxWhitespace]);
    const known = this.#nodes.get(key);
    if (known) return known;
    const node =
      style === 'json'
        ? this.json(format.schema, format)
        : parameterNode({ ...format, style }, this.#builder, this.#options, (schema) =>
            this.json(schema, format),
          );
    const rule = this.#builder.rule(format.schemaPointer, node, { pointer: format.schemaPointer });
    this.#nodes.set(key, rule);
    return rule;
  }

  /** The JSON texts that satisfy `schema`. */
  json(schema: unknown, format: JsonSchemaFormat): Node {
    const { schemaPointer, maxWhitespace, excludes, anyOrder } = format;
    const key = JSON.stringify([schema, maxWhitespace, excludes, anyOrder]);
    const known = this.#json.get(key);
    if (known) return known;
    const options: SchemaOptions = {
      ...this.#options,
      ...(maxWhitespace !== undefined && { maxWhitespace }),
      ...(anyOrder && { propertyOrder: 'any' }),
    };
    const result = within(schemaPointer, '', () => jsonSchemaGrammar(schema, options));
    const placed = <T extends { readonly pointer: string }>(note: T): T => ({
      ...note,
      pointer: `${schemaPointer}${note.pointer}`,
    });
    this.annotations.push(...result.annotations.map(placed));
    this.unenforced.push(...result.unenforced.map(placed));
    const grammar =
      excludes.length > 0 ? withoutStrings(result.grammar, excludes, this.#options) : result.grammar;
    if (!grammar)
      throw unsupported(format, 'excludes', 'these strings cannot be kept out of the JSON of this schema');
    const node = mergeInto(this.#builder, grammar);
    this.#json.set(key, node);
    return node;
  }
}

function unsupported({ pointer }: JsonSchemaFormat, keyword: string, message: string): CompileError {
  return new CompileError('unsupported_keyword', message, { pointer: `${pointer}/${keyword}`, keyword });
}
