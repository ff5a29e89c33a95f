// The format `regex`: texts that are an ECMAScript pattern with flag u. Its groups nest, so all of them are no regular
// language; here groups nest up to three deep, lookaround stands outside of them, and what needs memory is left out:
// named groups, references back, `\0`, ranges of a class but those within 0-9, a-z and A-Z, and {n,m} where the order of the
// two is not seen from their lengths or first digits.
const SYNTAX = '\\^$\\\\.*+?()[\\]{}|';
const HEX = '[0-9A-Fa-f]';
const CATEGORY = '(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfnos]?)';
const ESCAPE = `\\\\(?:[dDsSwWtnvfr/${SYNTAX}]|c[A-Za-z]|x${HEX}{2}|u(?:${HEX}{4}|\\{0*(?:${HEX}{1,5}|10${HEX}{4})\\})|[pP]\\{${CATEGORY}\\})`;

/** `a-c` and the like, first to last in order. */
const CLASS_RANGE = [
  ['0', '9'],
  ['A', 'Z'],
  ['a', 'z'],
]
  .flatMap(([first, last]) =>
    Array.from({ length: last.charCodeAt(0) - first.charCodeAt(0) + 1 }, (_, index) => {
      const from = String.fromCharCode(first.charCodeAt(0) + index);
      return `${from}-[${from}-${last}]`;
    }),
  )
  .join('|');
const CLASS_MEMBER = `(?:${CLASS_RANGE}|[^\\\\\\]\\-]|${ESCAPE}|\\\\[b\\-])`;
const CLASS = `\\[(?:\\^?-?${CLASS_MEMBER}*-?)\\]`;

/** {n,m} with n below m by the number of digits, or by the first of as many. */
const RISING = [
  ...Array.from({ length: 10 }, (_, n) => `${n},[${n}-9]`),
  ...Array.from({ length: 8 }, (_, n) => `${n + 1}\\d,[${n + 2}-9]\\d`),
  '\\d,[1-9]\\d{1,3}',
  '\\d{2},[1-9]\\d{2,3}',
].join('|');
const QUANTIFIER = `(?:[*+?]|\\{(?:\\d{1,4},?|${RISING})\\})\\??`;

const DEPTH = 3;

function disjunction(depth: number, lookaround: string): string {
  const group = depth === 0 ? '' : `|\\((?:\\?:)?${disjunction(depth - 1, '')}\\)`;
  const atom = `(?:[^${SYNTAX}]|\\.|${ESCAPE}|${CLASS}${group})`;
  return `(?:[|^$]|\\\\[bB]|${atom}(?:${QUANTIFIER})?${lookaround})*`;
}

export const REGEX_FORMAT = disjunction(DEPTH, `|\\(\\?<?[=!]${disjunction(DEPTH - 1, '')}\\)`);
