// Source text to CompiledGrammar: the front end of its language, the passes over the IR, the automaton, the image.
// Equal sources with equal options are compiled once.
import {
  type AutomatonLimits,
  encodeLexed,
  encodePda,
  type LexedGrammar,
  type MachineOptions,
} from '../automata/index.js';
import { RequestError } from '../errors.js';
import { type GbnfOptions, gbnfGrammar } from '../frontends/gbnf/index.js';
import { type JsonSchemaOptions, jsonSchemaGrammar } from '../frontends/json-schema/index.js';
import { type LarkOptions, larkGrammar } from '../frontends/lark/index.js';
import { type RegexOptions, regexGrammar } from '../frontends/regex/index.js';
import { type Grammar, type PdaLimits, prepareGrammar, toPda } from '../grammar/index.js';
import { CompiledGrammar, type KeywordNote } from './compiled-grammar.js';
import { RecentCache } from './recent-cache.js';

/** What to compile: exactly one language. */
export type GrammarSource =
  /** A JSON Schema as a parsed value or as JSON text. */
  | { readonly schema: unknown }
  /** An ECMAScript regular expression; the whole output must match it. */
  | { readonly regex: string; readonly flags?: string }
  /** A GBNF grammar; `root` names its start rule (default `root`). */
  | { readonly gbnf: string; readonly root?: string }
  /** A Lark grammar; `root` names its start rule (default `start`). */
  | { readonly lark: string; readonly root?: string }
  /** A grammar in the IR, from another front end. */
  | { readonly grammar: Grammar };

export interface CompileOptions
  extends AutomatonLimits,
    PdaLimits,
    Pick<MachineOptions, 'maxConfigurations'>,
    Omit<RegexOptions, 'flags'>,
    Omit<LarkOptions, 'root'>,
    Omit<GbnfOptions, 'root'>,
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
 * Compiles a constraint. The result is independent of any tokenizer.
 * @throws CompileError with a JSON pointer or a line and column: broken, unsupported or unsatisfiable input
 * @throws LimitError when a named limit was reached
 */
export function compile(source: GrammarSource, options: CompileOptions = {}): CompiledGrammar {
  if ('grammar' in source) return compileGrammar(source.grammar, options);
  const key = cacheKey(source, options);
  return key === undefined
    ? compileUncached(source, options)
    : cache.get(key, () => compileUncached(source, options));
}

/**
 * Undefined for what JSON cannot write as it is (NaN, a Map, undefined, a cycle, nesting beyond the stack): written all
 * the same it could take another source's key, and the front end is to say what is wrong with it.
 */
function cacheKey(source: GrammarSource, options: CompileOptions): string | undefined {
  try {
    return JSON.stringify(source, plainOnly) + JSON.stringify(options);
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

/** Grammars in the IR are known by identity, while they live. */
const compiledGrammars = new WeakMap<Grammar, Map<string, CompiledGrammar>>();

function compileGrammar(grammar: Grammar, options: CompileOptions): CompiledGrammar {
  const byOptions = compiledGrammars.get(grammar) ?? new Map<string, CompiledGrammar>();
  compiledGrammars.set(grammar, byOptions);
  const key = JSON.stringify(options);
  const compiled = byOptions.get(key) ?? compileUncached({ grammar }, options);
  byOptions.set(key, compiled);
  return compiled;
}

function compileUncached(source: GrammarSource, options: CompileOptions): CompiledGrammar {
  const { grammar, lexer, ...notes } = frontEnd(source, options);
  const { maxConfigurations } = options;
  const pda = toPda(prepareGrammar(grammar, options), options);
  return new CompiledGrammar(
    lexer ? encodeLexed({ ...lexer, parser: pda }) : encodePda(pda),
    notes,
    maxConfigurations === undefined ? {} : { maxConfigurations },
  );
}

function frontEnd(source: GrammarSource, options: CompileOptions): FrontEndResult {
  if ('grammar' in source) return { grammar: source.grammar };
  if ('schema' in source) return jsonSchemaGrammar(source.schema, options);
  if ('regex' in source) {
    const flags: RegexOptions = source.flags === undefined ? {} : { flags: source.flags };
    return { grammar: regexGrammar(source.regex, { ...options, ...flags }) };
  }
  if ('gbnf' in source) return { grammar: gbnfGrammar(source.gbnf, rooted(options, source.root)) };
  if ('lark' in source) return larkGrammar(source.lark, rooted(options, source.root));
  throw new RequestError(
    'no_grammar_source',
    'compile needs one of schema, regex, gbnf, lark or grammar',
    'source',
  );
}

function rooted(
  options: CompileOptions,
  root: string | undefined,
): CompileOptions & { readonly root?: string } {
  return root === undefined ? options : { ...options, root };
}
