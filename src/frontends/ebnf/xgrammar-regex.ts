// Regular expressions as xgrammar reads them: ECMAScript's, with differences that are spelled out here, so that the
// regex front end reads the rest. They stand in the macro Regex and in structural tags.
import {
  type AutomatonLimits,
  type Dfa,
  intersectDfa,
  MAX_CODE_POINT,
  starDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import { type Node, regular, repeat, sequenceOf } from '../../grammar/index.js';
import { regexToDfa } from '../regex/index.js';
import { withBothCases } from './ascii-case.js';
import { regexParts } from './regex-parts.js';

export interface XgrammarRegexOptions extends AutomatonLimits {
  /** `i`: letters of ASCII alone; `s`: `.` is any character. Without flags `.` is any character, too. */
  readonly flags?: string;
  /** Only what a JSON string holds without an escape. */
  readonly jsonString?: boolean;
}

/** A part that is repeated more often than this is counted at once; others where one automaton is too large. */
const MAX_UNROLLED = 256;
/** White space is ASCII's. */
const SPACE = ' \\t\\n\\v\\f\\r';
const NOT_SPACE = '\\x00-\\x08\\x0e-\\x1f!-\\u{10ffff}';
/** Escapes that ECMAScript reads as letters. */
const CONTROLS: Readonly<Record<string, string>> = { a: '\\x07', e: '\\x1b' };
const UNESCAPED_IN_JSON = symbolsDfa([
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, MAX_CODE_POINT],
]);

/**
 * The strings that the whole pattern matches.
 * @throws CompileError `invalid_regex`, `unsupported_regex`; LimitError `maxStates`
 */
export function xgrammarRegex(pattern: string, options: XgrammarRegexOptions = {}): Node {
  const { flags, jsonString = false } = options;
  const inline = pattern.startsWith('(?i)');
  const ignoreCase = inline || (flags?.includes('i') ?? false);
  const dotAll = flags === undefined || flags.includes('s');
  if (flags !== undefined && /[^isu]/.test(flags))
    throw new CompileError('unsupported_regex', `regex flag '${/[^isu]/.exec(flags)![0]}' is not supported`, {
      keyword: 'flags',
    });
  const body = inline ? pattern.slice(4) : pattern;
  if (/\(\?<?[=!]/.test(body.replace(/\\[\s\S]/g, '')))
    throw new CompileError(
      'unsupported_regex',
      'lookaround is not supported here: xgrammar reads it and does not heed it',
      { keyword: 'lookaround' },
    );
  const read = (part: string): Node => {
    const dfa = ecmaScript(
      ignoreCase ? withBothCases(rewritten(part)) : rewritten(part),
      dotAll ? 's' : '',
      options,
    );
    const limited = jsonString ? intersectDfa(dfa, starDfa(UNESCAPED_IN_JSON), options) : dfa;
    return regular(utf8Dfa(limited, options));
  };
  const parts = regexParts(body) ?? [];
  const counted = () => sequenceOf(parts.map(({ pattern: part, min, max }) => repeat(read(part), min, max)));
  if (parts.some(({ min, max }) => (max === Number.POSITIVE_INFINITY ? min : max) > MAX_UNROLLED))
    return counted();
  try {
    return read(body);
  } catch (error) {
    if (error instanceof LimitError && parts.some(({ max }) => max > 1)) return counted();
    throw error;
  }
}

/** With `u` where the pattern allows it: then characters above U+FFFF are one. */
function ecmaScript(pattern: string, flags: string, options: AutomatonLimits): Dfa {
  try {
    return regexToDfa(pattern, { ...options, flags: `${flags}u` });
  } catch (error) {
    if (!(error instanceof CompileError) || error.code !== 'invalid_regex') throw error;
    return regexToDfa(pattern, { ...options, flags });
  }
}

function rewritten(pattern: string): string {
  let inClass = false;
  return pattern.replace(/\\([\s\S])|\(\?P<|[[\]]/g, (part, escaped: string | undefined) => {
    if (part === '(?P<') return inClass ? part : '(?<';
    if (part === '[' || part === ']') {
      inClass = part === '[';
      return part;
    }
    if (escaped === 's') return inClass ? SPACE : `[${SPACE}]`;
    if (escaped === 'S') return inClass ? NOT_SPACE : `[${NOT_SPACE}]`;
    return CONTROLS[escaped!] ?? part;
  });
}
