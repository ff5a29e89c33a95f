// Multiples of a decimal as an automaton over the digits of plain decimals (no sign, no exponent): it keeps the remainder
// of the digits read so far. A divisor is taken apart into its powers of ten, its factors 2 or 5, and the rest, whose
// automata are small, and their intersection smaller than the remainders of the divisor itself.
import {
  concatDfa,
  type Dfa,
  type DfaEdge,
  intersectDfa,
  literalDfa,
  minimize,
  unionDfa,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import type { Decimal } from './decimal.js';

const ZERO = 0x30;
const POINT = 0x2e;

/** Any digits, with or without a fraction of zeros. */
const WHOLE_NUMBERS: Dfa = {
  edges: [
    [{ lo: ZERO, hi: ZERO + 9, to: 1 }],
    [
      { lo: POINT, hi: POINT, to: 2 },
      { lo: ZERO, hi: ZERO + 9, to: 1 },
    ],
    [{ lo: ZERO, hi: ZERO, to: 3 }],
    [{ lo: ZERO, hi: ZERO, to: 3 }],
  ],
  accept: Uint8Array.of(0, 1, 0, 1),
};
/** A fraction of zeros, or none. */
export const NO_FRACTION: Dfa = {
  edges: [
    [{ lo: POINT, hi: POINT, to: 1 }],
    [{ lo: ZERO, hi: ZERO, to: 2 }],
    [{ lo: ZERO, hi: ZERO, to: 2 }],
  ],
  accept: Uint8Array.of(1, 0, 1),
};
/** Any number of zeros. */
export const ZEROS: Dfa = { edges: [[{ lo: ZERO, hi: ZERO, to: 0 }]], accept: Uint8Array.of(1) };

/**
 * The plain decimals, leading zeros allowed, whose value is an integer times `divisor`, a positive number.
 * @throws LimitError `maxDivisor` where the remainders of the divisor's digits, once per place, are more than that
 */
export function multiplesDfa(divisor: Decimal, maxDivisor: number): Dfa {
  const places = Math.max(0, -divisor.exponent);
  const tens = Math.max(0, divisor.exponent);
  const { rest, twosOrFives } = factors(divisor, maxDivisor);
  if (Math.max(rest, twosOrFives) * (places + 1) + tens > maxDivisor) throw tooLarge(divisor, maxDivisor);
  let dfa = rest > 1 || places > 0 ? remainderDfa(rest, places) : WHOLE_NUMBERS;
  if (twosOrFives > 1 || tens > 0) {
    const prefix = remainderDfa(twosOrFives, places);
    dfa = intersectDfa(dfa, tens > 0 ? followedByZeros(prefix, tens) : prefix);
  }
  return dfa;
}

function factors(divisor: Decimal, maxDivisor: number): { rest: number; twosOrFives: number } {
  const digits = Number(divisor.digits);
  if (!Number.isSafeInteger(digits)) throw tooLarge(divisor, maxDivisor);
  let rest = digits;
  for (const prime of [2, 5]) while (rest % prime === 0) rest /= prime;
  return { rest, twosOrFives: digits / rest };
}

function tooLarge(divisor: Decimal, maxDivisor: number): LimitError {
  return new LimitError('maxDivisor', maxDivisor, `multiples of ${divisor} take too many remainders`);
}

/**
 * Decimals d with d × 10^places an integer that `modulus` divides. State `place * modulus + remainder` has read that many
 * digits behind the point (place 0: none, the point is still to come); a digit beyond the last place must be 0.
 */
function remainderDfa(modulus: number, places: number): Dfa {
  const edges: DfaEdge[][] = [];
  const accept: number[] = [];
  // Start, then a block for the integer part, one for the point with no digit behind it, one for each place, then the zeros.
  const zeros = 1 + (places + 2) * modulus;
  edges.push(digitEdges([], 0, modulus, 1));
  accept.push(0);
  const point = 1 + modulus;
  const whole = tenTo(places, modulus);
  for (let remainder = 0; remainder < modulus; remainder++) {
    edges.push(digitEdges([{ lo: POINT, hi: POINT, to: point + remainder }], remainder, modulus, 1));
    accept.push((remainder * whole) % modulus === 0 ? 1 : 0);
  }
  for (let place = 0; place <= places; place++) {
    const shift = tenTo(places - place, modulus);
    const next = point + (place + 1) * modulus;
    for (let remainder = 0; remainder < modulus; remainder++) {
      if (place < places) edges.push(digitEdges([], remainder, modulus, next));
      else edges.push(remainder === 0 ? [{ lo: ZERO, hi: ZERO, to: zeros }] : []);
      accept.push(place > 0 && (remainder * shift) % modulus === 0 ? 1 : 0);
    }
  }
  edges.push([{ lo: ZERO, hi: ZERO, to: zeros }]);
  accept.push(1);
  return minimize({ edges, accept });
}

/** Adds edges by every digit to the block that begins at `first`: to the state of the remainder with the digit behind it. */
function digitEdges(edges: DfaEdge[], remainder: number, modulus: number, first: number): DfaEdge[] {
  for (let digit = 0; digit < 10; digit++) {
    const symbol = ZERO + digit;
    edges.push({ lo: symbol, hi: symbol, to: first + ((remainder * 10 + digit) % modulus) });
  }
  return edges;
}

function tenTo(power: number, modulus: number): number {
  let result = 1 % modulus;
  for (let i = 0; i < power; i++) result = (result * 10) % modulus;
  return result;
}

/** Integers of the language with `count` zeros behind their digits, and 0; with or without a fraction of zeros. */
function followedByZeros(prefix: Dfa, count: number): Dfa {
  const digits: Dfa = { edges: [[{ lo: ZERO, hi: ZERO + 9, to: 0 }]], accept: Uint8Array.of(1) };
  const whole = intersectDfa(prefix, digits);
  const shifted = concatDfa(whole, literalDfa(Array.from({ length: count }, () => ZERO)));
  return concatDfa(unionDfa(shifted, concatDfa(literalDfa([ZERO]), ZEROS)), NO_FRACTION);
}
