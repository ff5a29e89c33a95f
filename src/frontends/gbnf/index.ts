// Door of the GBNF front end: llama.cpp's grammar text in, grammar IR out.
import type { AutomatonLimits } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import {
  type Grammar,
  type LeftRecursionLimits,
  type MergeLimits,
  mergeRegular,
  removeLeftRecursion,
} from '../../grammar/index.js';
import { lower } from './lower.js';
import { parse } from './parser.js';

export interface GbnfOptions extends AutomatonLimits, LeftRecursionLimits, MergeLimits {
  /** The rule to start from; default `root`. */
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

/**
 * The grammar of a GBNF text (llama.cpp's `grammars/README.md` describes the language; docs/gbnf.md ours).
 * Characters become
 * UTF-8, left recursion becomes loops, and regular parts become lexemes.
 * @throws CompileError `invalid_grammar` for a text that is no grammar, `unsupported_keyword` for token references
 * and constructs of related dialects, `limit_exceeded` (LimitError) with the limit's name; all with line and column.
 */
export function gbnfGrammar(text: string, options: GbnfOptions = {}): Grammar {
  const { root = 'root', maxLength = 1_000_000, maxDepth = 200, maxRules = 50_000 } = options;
  const { maxRepeat = 1_000_000_000, maxStates } = options;
  if (text.length > maxLength)
    throw new LimitError('maxLength', maxLength, `the grammar has ${text.length} characters`);
  if (/\p{Surrogate}/u.test(text))
    throw new CompileError('invalid_grammar', 'the grammar text has a lone surrogate', {
      line: 1,
      column: 1,
    });
  const rules = parse(text, { maxDepth, maxRules });
  const limits = { root, maxDepth, maxRepeat };
  const grammar = lower(rules, maxStates === undefined ? limits : { ...limits, maxStates });
  return mergeRegular(removeLeftRecursion(grammar, options), options);
}
