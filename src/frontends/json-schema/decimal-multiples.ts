// Multiples among exact decimals: divisibility and least common multiples, for `multipleOf` and its combinations.
import { LimitError } from '../../errors.js';
import { Decimal } from './decimal.js';

/** Whether `value` is an integer times `divisor`, which is not zero. */
export function isMultipleOf(value: Decimal, divisor: Decimal): boolean {
  if (value.digits === '') return true;
  const shift = value.exponent - divisor.exponent;
  if (shift < 0) return false; // digits end in no zero, so no power of ten is in them
  const own = BigInt(divisor.digits);
  let missing = own / greatestCommonDivisor(own, BigInt(value.digits));
  for (const prime of [2n, 5n])
    for (let left = shift; left > 0 && missing % prime === 0n; left--) missing /= prime;
  return missing === 1n;
}

/** Exponents that differ by more than this are not brought to common units. */
const MAX_SHIFT = 10_000;

/**
 * The smallest positive number that both positive numbers divide.
 * @throws LimitError `maxDivisor` where their exponents lie too far apart
 */
export function leastCommonMultiple(a: Decimal, b: Decimal): Decimal {
  if (Math.abs(a.exponent - b.exponent) > MAX_SHIFT)
    throw new LimitError('maxDivisor', MAX_SHIFT, `the decimal places of ${a} and ${b} lie too far apart`);
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (value: Decimal) => BigInt(value.digits) * 10n ** BigInt(value.exponent - exponent);
  const [x, y] = [scaled(a), scaled(b)];
  return new Decimal(false, ((x / greatestCommonDivisor(x, y)) * y).toString(), exponent);
}

/**
 * The smallest number whose multiples are, among the multiples of `multiple`, those of `divisor`: without the primes of which
 * `multiple` has as many already.
 */
export function divisorAmong(divisor: Decimal, multiple: Decimal): Decimal {
  if (Math.abs(divisor.exponent - multiple.exponent) > MAX_SHIFT) return divisor;
  const exponent = Math.min(divisor.exponent, multiple.exponent);
  const scaled = (value: Decimal) => BigInt(value.digits) * 10n ** BigInt(value.exponent - exponent);
  const whole = scaled(divisor);
  const missing = whole / greatestCommonDivisor(whole, scaled(multiple));
  let rest = whole;
  for (let common = missing; common > 1n; common = greatestCommonDivisor(rest, missing)) rest /= common;
  return new Decimal(false, (whole / rest).toString(), exponent);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
