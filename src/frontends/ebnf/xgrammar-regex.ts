// Regular expressions as xgrammar reads them: ECMAScript's, with differences that are spelled out here, so that the
// regex front end reads the rest. They stand in the macro Regex and in structural tags.
import {
  type AutomatonLimits,
  type Dfa,
  type DfaEdge,
  intersectDfa,
  MAX_CODE_POINT,
  minimize,
  starDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import { type Node, regular, repeat, sequenceOf } from '../../grammar/index.js';
import { regexToDfa } from '../regex/index.js';
import { regexParts } from './regex-parts.js';

export interface XgrammarRegexOptions extends AutomatonLimits {
  /** `i`: letters of ASCII alone; `s`: `.` is any character. Without flags `.` is any character, too. */
  readonly flags?: string;
  /** Only what a JSON string holds without an escape. */
  readonly jsonString?: boolean;
}

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
  if (ignoreCase && /[^\p{ASCII}]|\\u(?!00[0-7])|\\x[89a-f]|\\p/iu.test(body))
    throw new CompileError('unsupported_regex', 'ignoring case is supported in patterns of ASCII alone', {
      keyword: 'ignore case',
    });
  if (/\(\?<?[=!]/.test(body.replace(/\\[\s\S]/g, '')))
    throw new CompileError(
      'unsupported_regex',
      'lookaround is not supported here: xgrammar reads it and does not heed it',
      { keyword: 'lookaround' },
    );
  const read = (part: string): Node => {
    const dfa = ecmaScript(rewritten(part), `${ignoreCase ? 'i' : ''}${dotAll ? 's' : ''}`, options);
    const folded = ignoreCase ? asciiFolded(dfa) : dfa;
    const limited = jsonString ? intersectDfa(folded, starDfa(UNESCAPED_IN_JSON), options) : folded;
    return regular(utf8Dfa(limited, options));
  };
  try {
    return read(body);
  } catch (error) {
    const parts = error instanceof LimitError ? regexParts(body) : undefined;
    if (!parts?.some(({ max }) => max > 1)) throw error;
    return sequenceOf(parts.map(({ pattern: part, min, max }) => repeat(read(part), min, max)));
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

/**
 * Without what folding by Unicode adds to a pattern of ASCII: the Kelvin sign and the long s, which it takes for k and s,
 * go where any letter outside of ASCII goes.
 */
function asciiFolded(dfa: Dfa): Dfa {
  const other = 0x100;
  const edges = dfa.edges.map((list): DfaEdge[] => {
    const target = list.find(({ lo, hi }) => lo <= other && other <= hi)?.to;
    const kept = list.flatMap((edge) => without(without([edge], 0x17f), 0x212a));
    const added = target === undefined ? [] : [0x17f, 0x212a].map((at) => ({ lo: at, hi: at, to: target }));
    return [...kept, ...added].sort((a, b) => a.lo - b.lo);
  });
  return minimize({ edges, accept: dfa.accept });
}

function without(edges: readonly DfaEdge[], symbol: number): DfaEdge[] {
  return edges.flatMap(({ lo, hi, to }) =>
    symbol < lo || symbol > hi
      ? [{ lo, hi, to }]
      : [
          { lo, hi: symbol - 1, to },
          { lo: symbol + 1, hi, to },
        ].filter((edge) => edge.lo <= edge.hi),
  );
}
