// From a pattern's text to the syntax tree: limits, validity, and the choice of flags and of parser.
import { CompileError, LimitError } from '../../errors.js';
import type { RegexNode } from './ast.js';
import { readFlags } from './flags.js';
import { fromRegexpTree } from './from-regexp-tree.js';
import { fromRegexpp } from './from-regexpp.js';

/** Which patterns are taken: those that this runtime's RegExp compiles, or all of ECMAScript 2025 on every runtime. */
export type RegexSyntax = 'runtime' | 'es2025';

export interface ParseOptions {
  /**
   * Of ECMAScript's flags `i`, `m`, `s`, `u` and `v` change a language. Default `u`; then a pattern that is valid only
   * without `u` is read without it.
   */
  readonly flags?: string;
  /**
   * Default `runtime`: what the constraint takes and what RegExp takes are the same. ES2025's modifiers `(?i:…)` and
   * duplicate group names, which Node 20 does not know, are then refused by name there; `es2025` takes them.
   */
  readonly regexSyntax?: RegexSyntax;
  /** Most UTF-16 units of a pattern; default 65,536. */
  readonly maxPatternLength?: number;
  /** Deepest nesting of groups and classes; default 250. */
  readonly maxPatternDepth?: number;
}

const DEFAULT_MAX_LENGTH = 65_536;
/** Longest pattern that regexp-tree is asked to read: it takes 4 µs a character, and regexpp a tenth of that. */
const REGEXP_TREE_LENGTH = 16;
const DEFAULT_MAX_DEPTH = 250;

/**
 * @throws CompileError `invalid_regex` when the pattern is not ECMAScript's
 * @throws CompileError `unsupported_regex` on backreferences, and on syntax that only a newer runtime knows
 * @throws LimitError `maxPatternLength`, `maxPatternDepth`
 */
export function parseRegex(pattern: string, options: ParseOptions = {}): RegexNode {
  checkLimits(pattern, options);
  const attempts = options.flags === undefined ? ['u', ''] : [options.flags];
  let first: unknown;
  for (const flags of attempts) {
    try {
      return parseWith(pattern, flags, options.regexSyntax ?? 'runtime');
    } catch (error) {
      if (error instanceof CompileError) throw error;
      first ??= error;
    }
  }
  throw invalid(pattern, first);
}

/** regexp-tree reads short patterns that it reads rightly, regexpp all others. Throws a SyntaxError when it is invalid. */
function parseWith(pattern: string, flags: string, syntax: RegexSyntax): RegexNode {
  const resolved = readFlags(flags);
  const complaint = runtimeComplaint(pattern, flags);
  const isShort = pattern.length <= REGEXP_TREE_LENGTH;
  const node = complaint || !isShort ? undefined : fromRegexpTree(pattern, resolved);
  if (node) return node;
  const newer = fromRegexpp(pattern, resolved);
  if (complaint && syntax === 'runtime') throw newerSyntax(complaint);
  return newer;
}

/** Why this runtime does not compile the pattern. An older one refuses newer syntax that regexpp knows. */
function runtimeComplaint(pattern: string, flags: string): SyntaxError | undefined {
  try {
    new RegExp('', flags);
  } catch (error) {
    throw new CompileError('invalid_regex', (error as SyntaxError).message, {}, { cause: error });
  }
  try {
    new RegExp(pattern, flags);
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}

function newerSyntax(complaint: SyntaxError): CompileError {
  return new CompileError(
    'unsupported_regex',
    `this runtime's RegExp does not know the pattern's syntax (${complaint.message}); regexSyntax: 'es2025' takes it`,
    { keyword: 'newer-syntax' },
    { cause: complaint },
  );
}

function invalid(pattern: string, error: unknown): CompileError {
  const index = (error as { index?: unknown }).index;
  const location = typeof index === 'number' ? { column: Math.min(index, pattern.length) + 1 } : {};
  const message = error instanceof Error ? error.message : String(error);
  return new CompileError('invalid_regex', message, location, { cause: error });
}

function checkLimits(pattern: string, options: ParseOptions): void {
  const maxLength = options.maxPatternLength ?? DEFAULT_MAX_LENGTH;
  if (pattern.length > maxLength)
    throw new LimitError(
      'maxPatternLength',
      maxLength,
      `a pattern of ${pattern.length} characters is too long`,
    );
  const maxDepth = options.maxPatternDepth ?? DEFAULT_MAX_DEPTH;
  if (nestingDepth(pattern, options.flags?.includes('v') ?? false) > maxDepth)
    throw new LimitError('maxPatternDepth', maxDepth, 'a pattern nests its groups or classes too deep');
}

/** Deepest nesting, counted before any parser recurses into it. Only flag v nests classes. */
function nestingDepth(pattern: string, nestedClasses: boolean): number {
  let groups = 0;
  let classes = 0;
  let deepest = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '\\') i++;
    else if (character === '[') classes = nestedClasses ? classes + 1 : 1;
    else if (character === ']') classes = Math.max(0, classes - 1);
    else if (classes === 0 && character === '(') groups++;
    else if (classes === 0 && character === ')') groups = Math.max(0, groups - 1);
    deepest = Math.max(deepest, groups + classes);
  }
  return deepest;
}
