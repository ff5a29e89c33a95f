// Numbers with exponents: the mantissas that an exponent brings into a set, each followed by that exponent. The exponents
// are bounded, since those beyond the bound would need ever more digits to name the same numbers; but where a set holds
// ten times each of its numbers, or a tenth, the mantissas of the last exponent go with every one beyond.
import { concatDfa, type Dfa, literalDfa, NfaBuilder, starDfa, withoutEmpty } from '../../automata/index.js';
import { regexToDfa } from '../regex/index.js';

/** The largest exponent that is written, and the smallest below zero. */
const MAX_EXPONENT = 20;
const LEADING_ZEROS = starDfa(literalDfa([0x30]));
const [PLUS, MINUS, LOWER_E, UPPER_E] = Array.from('+-eE', (character) => character.charCodeAt(0));

/** The digits of what is larger than {@link MAX_EXPONENT}. */
const BEYOND = '0*(?:2[1-9]|[3-9]\\d|[1-9]\\d{2,})';
let beyond: Dfa | undefined;

/** In which directions exponents of any size are written. */
export interface EndlessExponents {
  readonly up: boolean;
  readonly down: boolean;
}

/**
 * The texts mantissa, exponent whose value is in a set. `mantissas(e)` are the plain decimals that, times 10^e, are in it.
 */
export function spelledWithExponents(
  mantissas: (power: number) => Dfa,
  endless: EndlessExponents = { up: false, down: false },
): Dfa {
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
    const texts = [exponentDfa(power)];
    if (power === (endless.up ? MAX_EXPONENT : undefined)) texts.push(beyondDfa());
    if (power === (endless.down ? -MAX_EXPONENT : undefined)) texts.push(beyondDfa());
    for (const dfa of texts) {
      const text = nfa.embed(dfa);
      nfa.epsilon(digits, text.start);
      accepting.push(...text.accepting);
    }
  }
  return nfa.toDfa(start, accepting);
}

/** The digits of an exponent, with any zeros ahead. */
function exponentDfa(power: number): Dfa {
  const digits = literalDfa(Array.from(String(Math.abs(power)), (digit) => digit.charCodeAt(0)));
  return concatDfa(LEADING_ZEROS, digits);
}

function beyondDfa(): Dfa {
  beyond ??= regexToDfa(BEYOND);
  return beyond;
}
