// The options of the Lark front end with their defaults, and what the grammar's own directives add.
import type { AutomatonLimits } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import type { LeftRecursionLimits, MergeLimits } from '../../grammar/index.js';
import type { JsonSchemaOptions } from '../json-schema/index.js';
import type { Definitions, LoadOptions } from './definitions.js';
import type { PatternOptions } from './pattern/index.js';
import type { RuleLimits } from './rules.js';

/** How terminals are matched; docs/lark.md says more. */
export type LarkLexer = 'basic' | 'contextual' | 'dynamic' | 'dynamic_complete' | 'longest';

/** What Lark's Indenter is told. */
export interface IndenterOptions {
  /** The terminal that carries the indentation of the line that it ends before. */
  readonly newline?: string;
  readonly indent?: string;
  readonly dedent?: string;
  /** Terminals between which newlines count nothing; by default the literals that open and close brackets. */
  readonly open?: readonly string[];
  readonly close?: readonly string[];
  /** Columns of a tab; default 8. */
  readonly tabLength?: number;
}

export interface LarkOptions extends AutomatonLimits, LeftRecursionLimits, MergeLimits {
  /** The rule to start from; default `start`. */
  readonly root?: string;
  /**
   * `lark` (default): the Python library's language. `llguidance`: that of llguidance and xgrammar, with Rust's regular
   * expressions; the default where the grammar uses what only these have.
   */
  readonly dialect?: 'lark' | 'llguidance';
  /** Default `dynamic`, as in Lark; `contextual` with an indenter; `longest` in the llguidance dialect. */
  readonly lexer?: LarkLexer;
  /** Grammars that `%import` may name, by dotted path; that of a relative import begins with a dot. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Grammars that `@name` may name. */
  readonly grammars?: Readonly<Record<string, string>>;
  /** Take undefined terminals from the built-in set: Python's line structure and the common ones; default false. */
  readonly builtins?: boolean;
  /** INDENT and DEDENT; by default there is one where the grammar declares `_INDENT` and `_DEDENT`, or without `_`. */
  readonly indenter?: IndenterOptions | false;
  /** Read regular expressions as Python's `regex` module does; default false. */
  readonly regexModule?: boolean;
  /** Flags that every terminal has, such as `i`; default none. */
  readonly terminalFlags?: string;
  /** Longest text in UTF-16 units; default 1,000,000. */
  readonly maxLength?: number;
  /** Most brackets, and groups of a pattern, inside each other; default 200. */
  readonly maxDepth?: number;
  /** Most rules and terminals; default 50,000. */
  readonly maxRules?: number;
  /** Most instances of templates and parametric rules; default 10,000. */
  readonly maxInstances?: number;
  /** Largest count of a repetition; default 1,000,000,000. */
  readonly maxRepeat?: number;
}

/** With the defaults filled in. */
export interface ResolvedOptions extends RuleLimits, LoadOptions {
  readonly root: string;
  readonly dialect: 'lark' | 'llguidance';
  readonly grammars: Readonly<Record<string, string>>;
  readonly patterns: Omit<PatternOptions, 'location'> & AutomatonLimits;
  readonly json: JsonSchemaOptions;
  readonly indenter: IndenterOptions | false | undefined;
  /** Whether what is ignored may stand before the first terminal. */
  readonly initialSkip: boolean;
  /** Reads another grammar's text. */
  parse(text: string): Definitions;
  /** The options of a grammar inside this one. */
  inside(definitions: Definitions): ResolvedOptions;
}

/** Directives of llguidance and xgrammar and whether a grammar of texts can obey the value true. */
const DIRECTIVES: Readonly<Record<string, boolean>> = {
  allow_initial_skip: true,
  no_forcing: false,
  allow_invalid_utf8: false,
};

/** What `%llguidance {…}` and `%grammar_options {…}` say about initial white space; the last one counts. */
export function allowsInitialSkip(definitions: Definitions): boolean | undefined {
  let allows: boolean | undefined;
  for (const { text, position } of definitions.options) {
    const invalid = (message: string, keyword?: string) =>
      new CompileError('invalid_grammar', message, { ...position, ...(keyword ? { keyword } : {}) });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw invalid(`the options are no JSON: ${(error as Error).message}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalid('the options are a JSON object');
    for (const [name, on] of Object.entries(value)) {
      const canObey = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
      if (canObey === undefined) throw invalid(`there is no option '${name}'`, name);
      if (typeof on !== 'boolean') throw invalid(`option '${name}' is true or false`, name);
      if (on && !canObey)
        throw new CompileError('unsupported_keyword', `option '${name}' is not supported`, {
          ...position,
          keyword: name,
        });
      if (name === 'allow_initial_skip') allows = on;
    }
  }
  return allows;
}
