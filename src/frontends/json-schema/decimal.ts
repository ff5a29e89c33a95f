// Exact decimal numbers: what the numbers of a schema become, so that no bound is ever rounded to a double.
// Come from JSON number literals; read by the canonical form (comparison) and by the number automata (digits).

/** (-1)^negative × digits × 10^exponent; digits without leading or trailing zeros, `''` for zero. */
export class Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;

  constructor(negative: boolean, digits: string, exponent: number) {
    let end = digits.length;
    while (end > 0 && digits[end - 1] === '0') end--;
    let start = 0;
    while (start < end && digits[start] === '0') start++;
    this.digits = digits.slice(start, end);
    this.negative = negative && this.digits !== '';
    this.exponent = this.digits === '' ? 0 : exponent + digits.length - end;
  }

  /** Reads a JSON number literal, or the text JavaScript writes for a finite number; undefined for anything else. */
  static parse(literal: string): Decimal | undefined {
    const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal);
    if (!parts) return undefined;
    const fraction = parts[3] ?? '';
    const exponent = Number(parts[4] ?? 0);
    if (!Number.isSafeInteger(exponent)) return undefined;
    return new Decimal(parts[1] === '-', parts[2] + fraction, exponent - fraction.length);
  }

  /** The exact value of a small integer, or the shortest decimal that denotes a finite double. */
  static of(value: number): Decimal {
    const decimal = Decimal.parse(String(value));
    if (!decimal) throw new RangeError(`${value} is not a finite number`);
    return decimal;
  }

  get isInteger(): boolean {
    return this.exponent >= 0;
  }

  /** Number of digits before the decimal point; zero or negative for a magnitude below 0.1. */
  get magnitude(): number {
    return this.digits.length + this.exponent;
  }

  negated(): Decimal {
    return new Decimal(!this.negative, this.digits, this.exponent);
  }

  /** The digits before the decimal point, without leading zeros but at least `0`. */
  integerDigits(): string {
    if (this.magnitude <= 0) return '0';
    return this.digits.slice(0, this.magnitude).padEnd(this.magnitude, '0');
  }

  /** The digits after the decimal point, without trailing zeros. */
  fractionDigits(): string {
    if (this.exponent >= 0) return '';
    return this.magnitude >= 0
      ? this.digits.slice(this.magnitude)
      : '0'.repeat(-this.magnitude) + this.digits;
  }

  /** The value as a JavaScript number, or Infinity where it is larger than any. */
  toNumber(): number {
    return Number(`${this.negative ? '-' : ''}${this.digits || '0'}e${this.exponent}`);
  }

  /** The text that JSON.stringify writes for this number (ECMAScript Number::toString, on exact digits). */
  toString(): string {
    const { digits, magnitude } = this;
    const sign = this.negative ? '-' : '';
    if (digits === '') return '0';
    if (magnitude > 0 && magnitude <= 21) {
      const fraction = this.fractionDigits();
      return sign + this.integerDigits() + (fraction === '' ? '' : `.${fraction}`);
    }
    if (magnitude > -6 && magnitude <= 0) return `${sign}0.${this.fractionDigits()}`;
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    const power = magnitude - 1;
    return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${Math.abs(power)}`;
  }
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? -compareMagnitudes(a, b) : compareMagnitudes(a, b);
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length;
  if (a.magnitude !== b.magnitude) return a.magnitude - b.magnitude;
  return a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0;
}
