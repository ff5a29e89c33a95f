// Source text to CompiledGrammar: the front end of its language, the passes over the IR, the automaton, the image.
// Equal sources with equal options are compiled once.
import {
  type AutomatonLimits,
  encodeLexed,
  encodePda,
  type LexedGrammar,
  type MachineOptions,
} from '../automata/index.js';
import {
  Expression,
  expressionGrammar,
  isStandardSchema,
  type OutputOf,
  readValue,
  type StandardSchema,
  type StaticSchema,
  toJsonSchema,
  validator,
} from '../builder/index.js';
import { RequestError } from '../errors.js';
import type { GrammarOrigin, SourceKind } from '../explain/index.js';
import { type EbnfDialect, ebnfGrammar, type GbnfOptions, gbnfGrammar } from '../frontends/ebnf/index.js';
import { type JsonSchemaOptions, jsonSchemaGrammar } from '../frontends/json-schema/index.js';
import { type LarkLexer, type LarkOptions, larkGrammar } from '../frontends/lark/index.js';
import { type RegexOptions, regexGrammar } from '../frontends/regex/index.js';
import { type StructuralTagOptions, structuralTagGrammar } from '../frontends/structural-tag/index.js';
import { type Grammar, type PdaLimits, prepareGrammar, toPda } from '../grammar/index.js';
import { CompiledGrammar, type KeywordNote } from './compiled-grammar.js';
import { RecentCache } from './recent-cache.js';

/** What to compile: exactly one language. */
export type GrammarSource =
  /** A JSON Schema as a parsed value or as JSON text, or another library's schema (zod, arktype, TypeBox …). */
  | { readonly schema: unknown }
  /** An ECMAScript regular expression; the whole output must match it. */
  | { readonly regex: string; readonly flags?: string }
  /** A GBNF grammar; `root` names its start rule (default `root`). */
  | { readonly gbnf: string; readonly root?: string }
  /** A grammar with `::=` in the dialect of llama.cpp, xgrammar or the W3C; by default the one its constructs tell. */
  | { readonly ebnf: string; readonly root?: string; readonly dialect?: EbnfDialect }
  /** A structural tag, `{type: 'structural_tag', format}` or `{structures, triggers}`, as a value or as JSON text. */
  | { readonly structuralTag: unknown }
  /** A Lark grammar; `root` names its start rule (default `start`); by default the dialect that its constructs tell. */
  | {
      readonly lark: string;
      readonly root?: string;
      readonly dialect?: LarkOptions['dialect'];
      readonly lexer?: LarkLexer;
    }
  /** A grammar written in code with `g`, or in the IR, from another front end; a compiled one is taken as it is. */
  | { readonly grammar: Grammar | Expression<unknown> | CompiledGrammar };

type UncompiledSource =
  | Exclude<GrammarSource, { readonly grammar: unknown }>
  | { readonly grammar: Grammar | Expression<unknown> };

export interface CompileOptions
  extends AutomatonLimits,
    PdaLimits,
    Pick<MachineOptions, 'maxConfigurations'>,
    Omit<RegexOptions, 'flags'>,
    Omit<LarkOptions, 'root' | 'dialect'>,
    Omit<GbnfOptions, 'root'>,
    Pick<StructuralTagOptions, 'maxFormatDepth' | 'maxFormats'>,
    JsonSchemaOptions {}

interface FrontEndResult {
  readonly grammar: Grammar;
  /** With a lexer the grammar is over its symbols. */
  readonly lexer?: Omit<LexedGrammar, 'parser'>;
  readonly annotations?: readonly KeywordNote[];
  readonly unenforced?: readonly KeywordNote[];
}

/** Most grammars kept compiled in one process; the least recently used goes first. */
export const MAX_CACHED_GRAMMARS = 256;

const cache = new RecentCache<string, CompiledGrammar>(MAX_CACHED_GRAMMARS);

/**
 * Compiles a constraint. The result is independent of any tokenizer, and carries the type of the value that its texts stand
 * for. A schema of another library and an expression of `g` may be given as they are.
 * @throws CompileError with a JSON pointer or a line and column: broken, unsupported or unsatisfiable input
 * @throws LimitError when a named limit was reached
 */
export function compile<S extends StandardSchema>(
  source: S | { readonly schema: S },
  options?: CompileOptions,
): CompiledGrammar<OutputOf<S>>;
export function compile<T>(
  source: Expression<T> | { readonly grammar: Expression<T> | CompiledGrammar<T> },
  options?: CompileOptions,
): CompiledGrammar<T>;
export function compile<T>(
  source: { readonly schema: StaticSchema<T> },
  options?: CompileOptions,
): CompiledGrammar<T>;
export function compile<T = unknown>(
  source: { readonly schema: unknown },
  options?: CompileOptions,
): CompiledGrammar<T>;
export function compile(
  source: Exclude<GrammarSource, { readonly schema: unknown }>,
  options?: CompileOptions,
): CompiledGrammar<string>;
export function compile(source: GrammarSource, options?: CompileOptions): CompiledGrammar;
export function compile(
  source: GrammarSource | StandardSchema | Expression<unknown>,
  options: CompileOptions = {},
): CompiledGrammar {
  if (source instanceof Expression) return compileGrammar(source, options);
  if (isStandardSchema(source)) return compileStandard(source, options);
  if ('grammar' in source)
    return source.grammar instanceof CompiledGrammar
      ? source.grammar
      : compileGrammar(source.grammar, options);
  if ('schema' in source && isStandardSchema(source.schema)) return compileStandard(source.schema, options);
  return compileText(source, options);
}

/** Sources that JSON can write are known by content. */
function compileText(source: UncompiledSource, options: CompileOptions): CompiledGrammar {
  const text = plainText(source);
  if (text === undefined) return compileUncached(source, options);
  const key = text + JSON.stringify(options);
  return cache.get(key, () => compileUncached(source, options, text));
}

/**
 * Undefined for what JSON cannot write as it is (NaN, a Map, undefined, a cycle, nesting beyond the stack): written all
 * the same it could take another source's key, and the front end is to say what is wrong with it.
 */
function plainText(source: UncompiledSource): string | undefined {
  try {
    return JSON.stringify(source, plainOnly);
  } catch {
    return undefined;
  }
}

/** A replacer for JSON.stringify that throws at values that JSON would write as others. */
function plainOnly(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const isPlain =
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    Array.isArray(value) ||
    (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) ||
    (value === undefined && !Array.isArray(this)); // left out, as the front end leaves it out
  if (!isPlain || (key !== '' && this[key] !== value)) throw new TypeError('not a JSON value');
  return value;
}

/** Grammars in the IR, expressions and other libraries' schemas are known by identity, while they live. */
const compiledObjects = new WeakMap<object, Map<string, CompiledGrammar>>();

function byIdentity(source: object, options: CompileOptions, make: () => CompiledGrammar): CompiledGrammar {
  const byOptions = compiledObjects.get(source) ?? new Map<string, CompiledGrammar>();
  compiledObjects.set(source, byOptions);
  const key = JSON.stringify(options);
  const compiled = byOptions.get(key) ?? make();
  byOptions.set(key, compiled);
  return compiled;
}

function compileGrammar(grammar: Grammar | Expression<unknown>, options: CompileOptions): CompiledGrammar {
  return byIdentity(grammar, options, () => compileUncached({ grammar }, options));
}

/** The schema's grammar is shared with every schema of the same JSON Schema; its validation is its own. */
function compileStandard(schema: StandardSchema, options: CompileOptions): CompiledGrammar {
  return byIdentity(schema, options, () => {
    const validate = validator(schema);
    return compileText({ schema: toJsonSchema(schema) }, options).withReading((text) =>
      validate(JSON.parse(text)),
    );
  });
}

/** `text`: the source as JSON, where it is known by that; whoever asks later is told of it as it was. */
function compileUncached(source: UncompiledSource, options: CompileOptions, text?: string): CompiledGrammar {
  const started = performance.now();
  const { grammar, lexer, ...notes } = frontEnd(source, options);
  const pda = toPda(prepareGrammar(grammar, options), options);
  const image = lexer ? encodeLexed({ ...lexer, parser: pda }) : encodePda(pda);
  const { maxConfigurations } = options;
  return new CompiledGrammar(image, {
    ...notes,
    compileMs: performance.now() - started,
    machine: maxConfigurations === undefined ? {} : { maxConfigurations },
    origin: originOf(
      text === undefined ? () => source : () => JSON.parse(text),
      kindOf(source),
      options,
      !lexer,
    ),
    reading: readingOf(source, options),
  });
}

/** Options under which a front end leaves the author's rules as they are. */
const UNMERGED = { maxLexemeStates: 0, maxInlinedStates: 0, maxLiteralBytes: 0, maxMergeWork: 0 };

/** `isBytes`: the rules are over bytes, not over the terminals of a lexer. */
function originOf(
  source: () => UncompiledSource,
  kind: SourceKind,
  options: CompileOptions,
  isBytes: boolean,
): GrammarOrigin {
  return {
    kind,
    isBytes,
    get text() {
      const from = source();
      return 'lark' in from ? from.lark : undefined;
    },
    get schema() {
      const from = source();
      return 'schema' in from ? from.schema : undefined;
    },
    grammar: () => frontEnd(source(), { ...options, ...UNMERGED }).grammar,
    limits: options,
  };
}

function kindOf(source: UncompiledSource): SourceKind {
  if ('schema' in source) return 'schema';
  if ('regex' in source) return 'regex';
  if ('gbnf' in source) return 'gbnf';
  if ('ebnf' in source) return 'ebnf';
  if ('structuralTag' in source) return 'structural-tag';
  if ('lark' in source) return 'lark';
  return source.grammar instanceof Expression ? 'code' : 'grammar';
}

/** What a sentence's text stands for. */
function readingOf(source: UncompiledSource, options: CompileOptions): (text: string) => unknown {
  if ('schema' in source) return (text) => JSON.parse(text);
  if (!('grammar' in source && source.grammar instanceof Expression)) return (text) => text;
  const { grammar } = source;
  return (text) =>
    readValue(grammar, text, (expression, part) => compileGrammar(expression, options).test(part));
}

function frontEnd(source: UncompiledSource, options: CompileOptions): FrontEndResult {
  if ('grammar' in source)
    return source.grammar instanceof Expression
      ? expressionGrammar(source.grammar, options)
      : { grammar: source.grammar };
  if ('schema' in source) return jsonSchemaGrammar(source.schema, options);
  if ('regex' in source) {
    const flags: RegexOptions = source.flags === undefined ? {} : { flags: source.flags };
    return { grammar: regexGrammar(source.regex, { ...options, ...flags }) };
  }
  if ('gbnf' in source) return { grammar: gbnfGrammar(source.gbnf, rooted(options, source.root)) };
  if ('ebnf' in source) {
    const { root, dialect } = source;
    return ebnfGrammar(source.ebnf, { ...rooted(options, root), ...(dialect && { dialect }) });
  }
  if ('structuralTag' in source) return structuralTagGrammar(source.structuralTag, options);
  if ('lark' in source) {
    const { root, dialect, lexer } = source;
    return larkGrammar(source.lark, {
      ...rooted(options, root),
      ...(dialect && { dialect }),
      ...(lexer && { lexer }),
    });
  }
  throw new RequestError(
    'no_grammar_source',
    'compile needs one of schema, regex, gbnf, ebnf, lark, structuralTag or grammar',
    'source',
  );
}

function rooted(
  options: CompileOptions,
  root: string | undefined,
): CompileOptions & { readonly root?: string } {
  return root === undefined ? options : { ...options, root };
}
