// Numbers with exponents: the mantissas that an exponent brings into a set, each followed by that exponent. The exponents
// are bounded; those beyond the bound would need ever more digits to name the same numbers.
import { type Dfa, literalDfa, NfaBuilder, withoutEmpty } from '../../automata/index.js';

/** The largest exponent that is written, and the smallest below zero. */
const MAX_EXPONENT = 20;
const ZERO = 0x30;
const [PLUS, MINUS, LOWER_E, UPPER_E] = Array.from('+-eE', (character) => character.charCodeAt(0));

/**
 * The texts mantissa, exponent whose value is in a set. `mantissas(e)` are the plain decimals that, times 10^e, are in it.
 */
export function spelledWithExponents(mantissas: (power: number) => Dfa): Dfa {
  const nfa = new NfaBuilder();
  const start = nfa.state();
  const accepting: number[] = [];
  for (let power = -MAX_EXPONENT; power <= MAX_EXPONENT; power++) {
    const part = nfa.embed(withoutEmpty(mantissas(power)));
    nfa.epsilon(start, part.start);
    if (power === 0) accepting.push(...part.accepting);
    const mark = nfa.state();
    for (const end of part.accepting) nfa.epsilon(end, mark);
    const sign = nfa.state();
    nfa.edge(mark, LOWER_E, LOWER_E, sign);
    nfa.edge(mark, UPPER_E, UPPER_E, sign);
    const digits = nfa.state();
    if (power >= 0) nfa.epsilon(sign, digits);
    if (power >= 0) nfa.edge(sign, PLUS, PLUS, digits);
    if (power <= 0) nfa.edge(sign, MINUS, MINUS, digits);
    nfa.edge(digits, ZERO, ZERO, digits);
    const text = nfa.embed(literalDfa(Array.from(String(Math.abs(power)), (digit) => digit.charCodeAt(0))));
    nfa.epsilon(digits, text.start);
    accepting.push(...text.accepting);
  }
  return nfa.toDfa(start, accepting);
}
