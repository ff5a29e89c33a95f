// Which rules a schema resource is written under: the draft that `$schema` names, directly or through a metaschema that the
// caller supplies, and whether that metaschema has the validation vocabulary.
import { CompileError } from '../../errors.js';
import { isObject, type Json, type JsonObject } from './json-value.js';
import { type Draft, draftOf } from './keywords.js';

export interface Dialect {
  /** Undefined where no `$schema` says, which is 2020-12 plus the older spellings. */
  readonly draft: Draft | undefined;
  /** False under a metaschema without the validation vocabulary: type, minimum, required and their like are annotations. */
  readonly validates: boolean;
  /** True under a metaschema with the format-assertion vocabulary: `format` restricts. */
  readonly assertsFormat: boolean;
}

/** Where no `$schema` says otherwise. */
export const DEFAULT_DIALECT: Dialect = { draft: undefined, validates: true, assertsFormat: false };

const LATEST_SCHEMA = /^https?:\/\/json-schema\.org\/schema#?$/;
/** Metaschemas that describe each other. */
const MAX_METASCHEMAS = 16;
/** What a vocabulary's URI ends in, of those that are known here. */
const KNOWN_VOCABULARY =
  /^https:\/\/json-schema\.org\/draft\/(?:2019-09|2020-12)\/vocab\/(core|applicator|unevaluated|validation|meta-data|format|format-annotation|format-assertion|content)$/;

/**
 * The dialect of a resource whose `$schema` is `uri`; `load` gives a document that the caller supplied.
 * @throws CompileError `unsupported_keyword` for a `$schema` that is no known draft and not supplied, or that requires a
 * vocabulary that is not known here
 */
export function dialectOf(uri: string, pointer: string, load: (uri: string) => Json | undefined): Dialect {
  let validates = true;
  let assertsFormat = false;
  let name = uri;
  for (let depth = 0; depth < MAX_METASCHEMAS; depth++) {
    const draft = draftOf(name);
    if (draft !== undefined) return { draft, validates, assertsFormat };
    if (LATEST_SCHEMA.test(name)) return { draft: undefined, validates, assertsFormat };
    const metaschema = load(name.replace(/#$/, ''));
    if (!isObject(metaschema)) return refuse(uri, pointer);
    const vocabularies = vocabulariesOf(metaschema, pointer);
    if (vocabularies) {
      validates &&= vocabularies.has('validation');
      assertsFormat ||= vocabularies.has('format-assertion');
    }
    const next = metaschema.get('$schema');
    if (typeof next !== 'string') return { draft: undefined, validates, assertsFormat };
    name = next;
  }
  return refuse(uri, pointer);
}

/** The names of the vocabularies that a metaschema lists; undefined where it does not list any. */
function vocabulariesOf(
  metaschema: JsonObject,
  pointer: string,
): ReadonlySet<string | undefined> | undefined {
  const vocabularies = metaschema.get('$vocabulary');
  if (!isObject(vocabularies)) return undefined;
  const names = [...vocabularies].map(([uri, required]) => {
    const match = KNOWN_VOCABULARY.exec(uri);
    if (!match && required === true)
      throw new CompileError(
        'unsupported_keyword',
        `the metaschema requires the vocabulary ${JSON.stringify(uri)}, which is not known here`,
        { pointer: `${pointer}/$schema`, keyword: '$vocabulary' },
      );
    return match?.[1];
  });
  return new Set(names);
}

function refuse(uri: string, pointer: string): never {
  throw new CompileError(
    'unsupported_keyword',
    `'$schema' names ${JSON.stringify(uri)}, which is none of draft-04, draft-06, draft-07, 2019-09 and 2020-12, and no ` +
      "metaschema among the option 'documents'; declare one of these, supply it, or leave $schema out",
    { pointer: `${pointer}/$schema`, keyword: '$schema' },
  );
}
