// Documents that the caller supplies by URL, for references that leave the schema and for metaschemas of one's own; and
// the dialect that `$schema` names: which draft, and whether the validation vocabulary counts.
import { CompileError } from '../../errors.js';
import { parseJsonText } from './json-text.js';
import { fromJavaScript, isObject, type Json, type JsonLimits, type JsonObject } from './json-value.js';
import { type Draft, draftOf } from './keywords.js';
import { located } from './located.js';

export interface Dialect {
  /** Undefined where no `$schema` says: 2020-12 plus the older spellings. */
  readonly draft: Draft | undefined;
  /** Names of keywords that a metaschema leaves out with its vocabulary. */
  readonly without: 'nothing' | 'validation';
  /** A metaschema has the vocabulary for formats that assert: `format` is enforced whatever the option says. */
  readonly assertsFormats: boolean;
  readonly isDeclared: boolean;
}

const LATEST_SCHEMA = /^https?:\/\/json-schema\.org\/schema#?$/;
const VOCABULARY = /^https:\/\/json-schema\.org\/draft\/(?:2019-09|2020-12)\/vocab\/([a-z-]+)$/;
const UNDECLARED: Dialect = {
  draft: undefined,
  without: 'nothing',
  assertsFormats: false,
  isDeclared: false,
};
/** Longest chain of metaschemas. */
const MAX_CHAIN = 10;

export class Documents {
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #limits: JsonLimits;
  readonly #read = new Map<string, Json>();

  constructor(given: Readonly<Record<string, unknown>>, limits: JsonLimits) {
    this.#given = given;
    this.#limits = limits;
  }

  /** Number of documents supplied. */
  get size(): number {
    return Object.keys(this.#given).length;
  }

  /** The document of a URL, with or without an empty fragment; undefined where none was supplied. */
  get(uri: string): Json | undefined {
    const key = [uri, `${uri}#`].find((name) => Object.hasOwn(this.#given, name));
    if (key === undefined) return undefined;
    let document = this.#read.get(key);
    if (document === undefined) {
      const given = this.#given[key];
      document = located(uri, () =>
        typeof given === 'string' ? parseJsonText(given, this.#limits) : fromJavaScript(given, this.#limits),
      );
      this.#read.set(key, document);
    }
    return document;
  }

  /**
   * The dialect that a schema declares.
   * @throws CompileError `unsupported_keyword` for a metaschema that is neither known nor supplied, or that requires an
   *   unknown vocabulary
   */
  dialect(schema: JsonObject, pointer: string): Dialect {
    const uri = schema.get('$schema');
    return typeof uri === 'string' ? this.#named(uri, pointer, 0) : UNDECLARED;
  }

  #named(uri: string, pointer: string, depth: number): Dialect {
    if (LATEST_SCHEMA.test(uri)) return { ...UNDECLARED, isDeclared: true };
    const draft = draftOf(uri);
    if (draft !== undefined) return { ...UNDECLARED, draft, isDeclared: true };
    const metaschema = depth < MAX_CHAIN ? this.get(uri.replace(/#$/, '')) : undefined;
    const base = isObject(metaschema) ? metaschema.get('$schema') : undefined;
    if (!isObject(metaschema) || typeof base !== 'string' || base === uri) {
      throw new CompileError(
        'unsupported_keyword',
        `'$schema' names ${JSON.stringify(uri)}, which is none of draft-04, draft-06, draft-07, 2019-09 and 2020-12; ` +
          "declare one of these, leave $schema out, or supply the metaschema in the option 'documents'",
        { pointer: `${pointer}/$schema`, keyword: '$schema' },
      );
    }
    const dialect = this.#named(base, pointer, depth + 1);
    const vocabularies = metaschema.get('$vocabulary');
    if (!isObject(vocabularies)) return dialect;
    const names = new Set<string | undefined>();
    for (const [vocabulary, required] of vocabularies) {
      const name = VOCABULARY.exec(vocabulary)?.[1];
      if (name === undefined && required === true) {
        throw new CompileError(
          'unsupported_keyword',
          `'$schema' names a metaschema that requires the unknown vocabulary ${JSON.stringify(vocabulary)}`,
          { pointer: `${pointer}/$schema`, keyword: '$schema' },
        );
      }
      names.add(name);
    }
    return {
      ...dialect,
      without: names.has('validation') ? dialect.without : 'validation',
      assertsFormats: dialect.assertsFormats || names.has('format-assertion'),
    };
  }
}
