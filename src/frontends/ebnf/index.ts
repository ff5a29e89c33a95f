// Door of the EBNF front end: grammar texts with `::=`, in the dialects of llama.cpp (GBNF), xgrammar and the W3C, to IR.
import type { AutomatonLimits } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import {
  type FreeTextLimits,
  type Grammar,
  type LeftRecursionLimits,
  type MergeLimits,
  mergeRegular,
  removeLeftRecursion,
} from '../../grammar/index.js';
import { detectDialect, type EbnfDialect } from './dialect.js';
import { lower } from './lower.js';
import { parse } from './parser.js';
import { type Annotation, annotationsOf } from './rule-attributes.js';
import type { Expression, RuleDefinition } from './syntax.js';

export { xgrammarRegex } from './xgrammar-regex.js';
export type { Annotation, EbnfDialect };

export interface GbnfOptions extends AutomatonLimits, LeftRecursionLimits, MergeLimits, FreeTextLimits {
  /** The rule to start from; default `root`. In the dialect `w3c` the default is the first rule if none is `root`. */
  readonly root?: string;
  /** Longest text in UTF-16 units; default 1,000,000. */
  readonly maxLength?: number;
  /** Most parentheses, and most repetitions, inside each other; default 200. */
  readonly maxDepth?: number;
  /** Most rules; default 50,000. */
  readonly maxRules?: number;
  /** Largest count in `{m,n}`; default 1,000,000,000. */
  readonly maxRepeat?: number;
}

export interface EbnfOptions extends GbnfOptions {
  /** Default: the one whose constructs the text has; GBNF when it has none that others lack. */
  readonly dialect?: EbnfDialect;
}

export interface EbnfGrammar {
  readonly grammar: Grammar;
  /** Captures and lookahead assertions: what was read and does not change the language. */
  readonly annotations: readonly Annotation[];
}

/**
 * The grammar of an EBNF text; docs/ebnf.md describes the dialects. Characters become UTF-8, left recursion becomes
 * loops, and regular parts become lexemes.
 * @throws CompileError `invalid_grammar` for a text that is no grammar, `unsupported_keyword` for constructs that cannot
 * be enforced or that the dialect lacks, `limit_exceeded` (LimitError) with the limit's name; all with line and column.
 */
export function ebnfGrammar(text: string, options: EbnfOptions = {}): EbnfGrammar {
  const { maxLength = 1_000_000, maxDepth = 200, maxRules = 50_000, maxRepeat = 1_000_000_000 } = options;
  if (typeof text !== 'string')
    throw new CompileError('invalid_grammar', 'a grammar is a text', { line: 1, column: 1 });
  if (text.length > maxLength)
    throw new LimitError('maxLength', maxLength, `the grammar has ${text.length} characters`);
  if (/\p{Surrogate}/u.test(text))
    throw new CompileError('invalid_grammar', 'the grammar text has a lone surrogate', {
      line: 1,
      column: 1,
    });
  const dialect = options.dialect ?? detectDialect(text);
  const rules = parse(text, { maxDepth, maxRules }, dialect);
  if (dialect === 'w3c' && options.dialect === undefined) refuseBackslashes(rules);
  const grammar = lower(rules, {
    ...options,
    root: rootOf(rules, dialect, options.root),
    maxDepth,
    maxRepeat,
  });
  return {
    grammar: mergeRegular(removeLeftRecursion(grammar, options), options),
    annotations: rules.flatMap(annotationsOf),
  };
}

/** The grammar of a text in llama.cpp's GBNF (its `grammars/README.md` describes the language). Throws as {@link ebnfGrammar}. */
export function gbnfGrammar(text: string, options: GbnfOptions = {}): Grammar {
  return ebnfGrammar(text, { ...options, dialect: 'gbnf' }).grammar;
}

/** W3C's grammars call their first rule as they like. */
function rootOf(rules: readonly RuleDefinition[], dialect: EbnfDialect, root: string | undefined): string {
  if (root !== undefined || dialect !== 'w3c' || rules.some(({ name }) => name === 'root'))
    return root ?? 'root';
  return rules[0]?.name ?? 'root';
}

/** In a text that was not said to be W3C's, a backslash may be meant as an escape, which W3C does not have. */
function refuseBackslashes(rules: readonly RuleDefinition[]): void {
  const holds = (expression: Expression): boolean => {
    switch (expression.kind) {
      case 'literal':
        return expression.text.includes('\\');
      case 'sequence':
        return expression.items.some(holds);
      case 'choice':
        return expression.options.some(holds);
      case 'repeat':
        return holds(expression.item);
      case 'exception':
        return holds(expression.item) || holds(expression.except);
      default:
        return false;
    }
  };
  const rule = rules.find(({ body }) => holds(body));
  if (rule)
    throw new CompileError(
      'invalid_grammar',
      "a backslash in a literal stands for itself in W3C's EBNF and begins an escape in others: state the dialect",
      { ...rule.position },
    );
}
