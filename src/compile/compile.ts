// Source text to CompiledGrammar. Equal sources with equal options are compiled once. The work itself (parts.ts) may be done
// elsewhere: prepareCompile says what is to be done, and takes what came of it.
import {
  Expression,
  expressionData,
  isStandardSchema,
  type OutputOf,
  readValue,
  type StandardSchema,
  type StaticSchema,
  toJsonSchema,
  validator,
} from '../builder/index.js';
import type { Grammar } from '../grammar/index.js';
import { CompiledGrammar } from './compiled-grammar.js';
import { originOf } from './origin.js';
import { type CompiledParts, type CompileJob, compileParts } from './parts.js';
import { RecentCache } from './recent-cache.js';
import type { ReadingKind } from './saved-format.js';
import {
  type CompileOptions,
  type GrammarSource,
  kindOf,
  optionsKey,
  type PlainSource,
  plainText,
  schemaText,
  type UncompiledSource,
} from './source.js';

/** Everything that {@link compile} takes. */
export type Compilable = GrammarSource | StandardSchema | Expression<unknown>;

/** A source that is not compiled yet. */
export interface PendingCompile {
  /** The work for a thread that knows nothing else; undefined where the source cannot be sent. */
  job(): CompileJob | undefined;
  /** The grammar, if it was finished meanwhile. */
  known(): CompiledGrammar | undefined;
  /** The work, on this thread. @throws CompileError, LimitError */
  run(maxCompileMs: number | undefined): CompiledParts;
  /** The grammar that the parts make, from now on known to {@link compile} and to whoever prepares the same. */
  finish(parts: CompiledParts): CompiledGrammar;
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
export function compile(source: Compilable, options: CompileOptions = {}): CompiledGrammar {
  const prepared = prepareCompile(source, options);
  return prepared instanceof CompiledGrammar ? prepared : prepared.finish(prepared.run(options.maxCompileMs));
}

/** The compiled grammar where it is known, else what is to be done. @throws CompileError */
export function prepareCompile(
  source: Compilable,
  options: CompileOptions = {},
): CompiledGrammar | PendingCompile {
  if (source instanceof Expression) return prepareGrammar(source, options);
  if (isStandardSchema(source)) return prepareStandard(source, options);
  if ('grammar' in source)
    return source.grammar instanceof CompiledGrammar
      ? source.grammar
      : prepareGrammar(source.grammar, options);
  if ('schema' in source && isStandardSchema(source.schema)) return prepareStandard(source.schema, options);
  return prepareText(source, options);
}

/** Sources that JSON can write are known by content: a schema's text by itself, any other source as JSON. */
function prepareText(source: PlainSource, options: CompileOptions): CompiledGrammar | PendingCompile {
  const schema = schemaText(source);
  if (schema !== undefined) {
    const kept = { schema };
    return prepareKeyed(`schema ${schema}`, source, options, {
      text: () => plainText(kept)!,
      read: () => kept,
    });
  }
  const text = plainText(source);
  if (text !== undefined)
    return prepareKeyed(text, source, options, { text: () => text, read: () => JSON.parse(text) });
  return {
    job: () => undefined,
    known: () => undefined,
    run: (maxCompileMs) => compileParts(source, limited(options, maxCompileMs)),
    finish: (parts) => assemble(parts, source, () => source, options),
  };
}

/** A source as it was when it was given: as JSON text, and as a value. */
interface KeptSource {
  readonly text: () => string;
  readonly read: () => UncompiledSource;
}

function prepareKeyed(
  sourceKey: string,
  source: PlainSource,
  options: CompileOptions,
  kept: KeptSource,
): CompiledGrammar | PendingCompile {
  const key = optionsKey(options) + sourceKey;
  const known = cache.find(key);
  if (known) return known;
  const job = () => jobOf(kept.text(), options);
  return {
    job,
    known: () => cache.find(key),
    run: (maxCompileMs) => compileParts(source, limited(options, maxCompileMs)),
    finish: (parts) => cache.get(key, () => assemble(parts, source, kept.read, options, job)),
  };
}

function jobOf(source: string | undefined, options: CompileOptions): CompileJob | undefined {
  const text = plainText({ ...options, maxCompileMs: undefined });
  return source === undefined || text === undefined ? undefined : { source, options: text };
}

function limited(options: CompileOptions, maxCompileMs: number | undefined): CompileOptions {
  if (options.maxCompileMs === maxCompileMs) return options;
  const { maxCompileMs: _, ...rest } = options;
  return maxCompileMs === undefined ? rest : { ...rest, maxCompileMs };
}

/** Grammars in the IR, expressions and other libraries' schemas are known by identity, while they live. */
const compiledObjects = new WeakMap<object, Map<string, CompiledGrammar>>();

function byIdentity(
  source: object,
  options: CompileOptions,
  prepare: () => CompiledGrammar | PendingCompile,
  adapt: (grammar: CompiledGrammar) => CompiledGrammar = (grammar) => grammar,
): CompiledGrammar | PendingCompile {
  const byOptions = compiledObjects.get(source) ?? new Map<string, CompiledGrammar>();
  compiledObjects.set(source, byOptions);
  const key = optionsKey(options);
  const known = () => byOptions.get(key);
  const found = known();
  if (found) return found;
  const keep = (grammar: CompiledGrammar) => {
    const kept = known() ?? adapt(grammar);
    byOptions.set(key, kept);
    return kept;
  };
  const prepared = prepare();
  if (prepared instanceof CompiledGrammar) return keep(prepared);
  return { ...prepared, known, finish: (parts) => keep(prepared.finish(parts)) };
}

function prepareGrammar(
  grammar: Grammar | Expression<unknown>,
  options: CompileOptions,
): CompiledGrammar | PendingCompile {
  const source = { grammar };
  let job: CompileJob | undefined;
  return byIdentity(grammar, options, () => ({
    job: () => (job ??= grammar instanceof Expression ? expressionJob(grammar, options) : undefined),
    known: () => undefined,
    run: (maxCompileMs) => compileParts(source, limited(options, maxCompileMs)),
    finish: (parts) => assemble(parts, source, () => source, options),
  }));
}

function expressionJob(grammar: Expression<unknown>, options: CompileOptions): CompileJob | undefined {
  try {
    const expression = expressionData(grammar);
    return expression && jobOf(plainText({ expression }), options);
  } catch {
    return undefined; // compiling will say what is wrong
  }
}

/** The schema's grammar is shared with every schema of the same JSON Schema; its validation is its own. */
function prepareStandard(schema: StandardSchema, options: CompileOptions): CompiledGrammar | PendingCompile {
  const validate = validator(schema);
  return byIdentity(
    schema,
    options,
    () => prepareText({ schema: toJsonSchema(schema) }, options),
    (grammar) => grammar.withReading((text) => validate(JSON.parse(text))),
  );
}

/** `original`: the source as it was when it was compiled, for whoever asks later. */
function assemble(
  parts: CompiledParts,
  source: UncompiledSource,
  original: () => UncompiledSource,
  options: CompileOptions,
  job?: () => CompileJob | undefined,
): CompiledGrammar {
  const { isBytes, annotations, unenforced } = parts;
  const { maxConfigurations } = options;
  return new CompiledGrammar(parts.image, {
    annotations,
    unenforced,
    compileMs: parts.compileMs,
    machine: maxConfigurations === undefined ? NO_OPTIONS : { maxConfigurations },
    origin: originOf(original, kindOf(source), options, isBytes),
    reading: readingOf(source, options),
    saving: { isBytes, reading: readingKind(source), job },
  });
}

const NO_OPTIONS = {};

function readingKind(source: UncompiledSource): ReadingKind {
  if ('schema' in source) return 'json';
  return 'grammar' in source && source.grammar instanceof Expression ? 'code' : 'text';
}

const parsedJson = (text: string): unknown => JSON.parse(text);

/** What a sentence's text stands for. */
function readingOf(source: UncompiledSource, options: CompileOptions): (text: string) => unknown {
  if ('schema' in source) return parsedJson;
  if (!('grammar' in source && source.grammar instanceof Expression)) return (text) => text;
  const { grammar } = source;
  return (text) =>
    readValue(grammar, text, (expression, part) => compile({ grammar: expression }, options).test(part));
}
