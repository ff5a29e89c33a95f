// Parametric rules (llguidance): a rule carries a number of 64 bits. Each value that is reached gets a rule of its own, so
// conditions are settled when the grammar is compiled.
import { CompileError } from '../../errors.js';
import type { Expression, Term } from './syntax.js';
import { visit } from './walk.js';

const MAX_VALUE = (1n << 64n) - 1n;

const COMPARISONS: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** The value that a rule is applied to, where the rule it stands in has `self`. */
export function applied(term: Term, self: bigint): bigint {
  switch (term.kind) {
    case 'self':
      return self;
    case 'number':
      return term.value;
    case 'bits':
      return field(term, self);
  }
  const { name, args } = term;
  switch (name) {
    case 'set_bit':
      return self | (1n << bitOf(term, 0));
    case 'clear_bit':
      return self & ~(1n << bitOf(term, 0));
    case 'bit_and':
      return self & numberOf(term, 0);
    case 'bit_or':
      return self | numberOf(term, 0);
    case 'incr':
    case 'decr':
      return stepped(rangeOf(term, args[0]), self, name === 'incr' ? 1n : -1n);
    default:
      throw unknown(term, 'function');
  }
}

/** Whether a condition holds for the value. */
export function holds(term: Term, self: bigint): boolean {
  if (term.kind !== 'call') throw unknown(term, 'condition');
  const { name, args } = term;
  switch (name) {
    case 'true':
      return true;
    case 'bit_set':
      return ((self >> bitOf(term, 0)) & 1n) === 1n;
    case 'bit_clear':
      return ((self >> bitOf(term, 0)) & 1n) === 0n;
    case 'is_ones': {
      const range = rangeOf(term, args[0]);
      return field(range, self) === ones(range);
    }
    case 'is_zeros':
      return field(rangeOf(term, args[0]), self) === 0n;
    case 'and':
      return args.map((arg) => holds(arg, self)).every(Boolean);
    case 'or':
      return args.map((arg) => holds(arg, self)).some(Boolean);
    case 'not':
      return !holds(args[0] ?? term, self);
  }
  const counted = /^bit_count_(..)$/.exec(name);
  const compare = COMPARISONS[counted ? counted[1] : name];
  if (!compare) throw unknown(term, 'condition');
  // `bit_count_lt(_, 3)`: the number may stand alone, the whole value is meant then.
  const range = counted && args.length === 1 ? WHOLE : rangeOf(term, args[0]);
  const value = field(range, self);
  return compare(counted ? bitCount(value) : value, numberOf(term, args.length - 1));
}

/** Whether the expression makes sense only inside a parametric rule. */
export function needsParameter(body: Expression): boolean {
  let needs = false;
  visit(body, (part) => {
    if (part.kind === 'if') needs = true;
    if (part.kind === 'apply' && part.argument.kind !== 'number') needs = true;
  });
  return needs;
}

interface BitRange {
  readonly from: number;
  readonly to: number;
}

const WHOLE: BitRange = { from: 0, to: 64 };

function field({ from, to }: BitRange, value: bigint): bigint {
  return (value >> BigInt(from)) & ones({ from, to });
}

function ones({ from, to }: BitRange): bigint {
  return (1n << BigInt(to - from)) - 1n;
}

/** Counting stops at the ends of the range. */
function stepped(range: BitRange, value: bigint, by: bigint): bigint {
  const before = field(range, value);
  const after = before + by;
  if (after < 0n || after > ones(range)) return value;
  const from = BigInt(range.from);
  return (value & ~(ones(range) << from) & MAX_VALUE) | (after << from);
}

function bitCount(value: bigint): bigint {
  return BigInt(value.toString(2).replaceAll('0', '').length);
}

function rangeOf(call: Term, arg: Term | undefined): BitRange {
  if (arg?.kind === 'self') return WHOLE;
  if (arg?.kind === 'bits') return arg;
  throw new CompileError('invalid_grammar', "expected '_' or '[from:to]'", { ...(arg ?? call).position });
}

function numberOf(call: Term & { kind: 'call' }, at: number): bigint {
  const arg = call.args[at];
  if (arg?.kind === 'number') return arg.value;
  throw new CompileError('invalid_grammar', `'${call.name}' needs a number`, { ...(arg ?? call).position });
}

function bitOf(call: Term & { kind: 'call' }, at: number): bigint {
  const bit = numberOf(call, at);
  if (bit > 63n)
    throw new CompileError('invalid_grammar', `there is no bit ${bit} in 64`, { ...call.position });
  return bit;
}

function unknown(term: Term, what: string): CompileError {
  const name = term.kind === 'call' ? ` '${term.name}'` : '';
  return new CompileError('invalid_grammar', `this is no ${what} of the parameter${name}`, {
    ...term.position,
  });
}
