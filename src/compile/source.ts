// What can be compiled, under which options, and the text by which equal sources are known.
import type { AutomatonLimits, MachineOptions } from '../automata/index.js';
import { Expression } from '../builder/index.js';
import type { SourceKind } from '../explain/index.js';
import type { EbnfDialect, GbnfOptions } from '../frontends/ebnf/index.js';
import type { JsonSchemaOptions } from '../frontends/json-schema/index.js';
import type { LarkLexer, LarkOptions } from '../frontends/lark/index.js';
import type { RegexOptions } from '../frontends/regex/index.js';
import type { StructuralTagOptions } from '../frontends/structural-tag/index.js';
import type { Grammar, PdaLimits } from '../grammar/index.js';
import type { CompiledGrammar } from './compiled-grammar.js';

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

/** A source that is a value alone, without code: it can be written as JSON. */
export type PlainSource = Exclude<GrammarSource, { readonly grammar: unknown }>;

export type UncompiledSource = PlainSource | { readonly grammar: Grammar | Expression<unknown> };

export interface CompileOptions
  extends AutomatonLimits,
    PdaLimits,
    Pick<MachineOptions, 'maxConfigurations'>,
    Omit<RegexOptions, 'flags'>,
    Omit<LarkOptions, 'root' | 'dialect'>,
    Omit<GbnfOptions, 'root'>,
    Pick<StructuralTagOptions, 'maxFormatDepth' | 'maxFormats'>,
    JsonSchemaOptions {
  /**
   * Most milliseconds of compiling; default: no limit in `compile`, 10,000 in a {@link GrammarCompiler}. The loops whose
   * length the source decides look at the clock; what passes the limit ends with LimitError `maxCompileMs`.
   */
  readonly maxCompileMs?: number;
}

export function kindOf(source: UncompiledSource): SourceKind {
  if ('schema' in source) return 'schema';
  if ('regex' in source) return 'regex';
  if ('gbnf' in source) return 'gbnf';
  if ('ebnf' in source) return 'ebnf';
  if ('structuralTag' in source) return 'structural-tag';
  if ('lark' in source) return 'lark';
  return source.grammar instanceof Expression ? 'code' : 'grammar';
}

/** The options that decide what a source compiles to, as text: equal options have equal texts. */
export function optionsKey({ maxCompileMs: _, ...options }: CompileOptions): string {
  return JSON.stringify(options);
}

/**
 * A value as JSON text. Undefined for what JSON cannot write as it is (NaN, a Map, undefined, a cycle, nesting beyond the
 * stack): written all the same it could be taken for another, and the front end is to say what is wrong with it.
 */
export function plainText(value: unknown): string | undefined {
  const text = schemaText(value);
  if (text !== undefined) return `{"schema":${JSON.stringify(text)}}`;
  try {
    return JSON.stringify(value, plainOnly);
  } catch {
    return undefined;
  }
}

/** The text of a source that is nothing but a schema's JSON text: what most are. */
export function schemaText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return undefined;
  return typeof value.schema === 'string' && Object.keys(value).length === 1 ? value.schema : undefined;
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
