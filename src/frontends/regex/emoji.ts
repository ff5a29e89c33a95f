// Properties of strings of flag v (ECMA-262 table 70), those whose members have a plain form: candidates of the form are
// tried against the runtime's RegExp, once per property.
import { CompileError } from '../../errors.js';
import { propertySet } from './classes.js';

const VARIATION_SELECTOR = 0xfe0f;
const KEYCAP = 0x20e3;

const CANDIDATES: ReadonlyMap<string, () => number[][]> = new Map([
  [
    'Basic_Emoji',
    () => [
      ...members('Emoji').map((one) => [one]),
      ...members('Emoji').map((one) => [one, VARIATION_SELECTOR]),
    ],
  ],
  ['Emoji_Keycap_Sequence', () => members('Emoji').map((one) => [one, VARIATION_SELECTOR, KEYCAP])],
  ['RGI_Emoji_Modifier_Sequence', () => pairs('Emoji_Modifier_Base', 'Emoji_Modifier')],
  ['RGI_Emoji_Flag_Sequence', () => pairs('Regional_Indicator', 'Regional_Indicator')],
]);

const known = new Map<string, readonly (readonly number[])[]>();

/**
 * The members of `\p{name}`, each as code points.
 * @throws CompileError `unsupported_regex` on RGI_Emoji and its sequences of tags and joiners, which have no plain form
 */
export function stringsOfProperty(name: string): readonly (readonly number[])[] {
  let strings = known.get(name);
  if (!strings) {
    const candidates = CANDIDATES.get(name);
    if (!candidates)
      throw new CompileError(
        'unsupported_regex',
        `\\p{${name}} is not supported; supported properties of strings are ${[...CANDIDATES.keys()].join(', ')}`,
        { keyword: 'property-of-strings' },
      );
    const member = new RegExp(`^\\p{${name}}$`, 'v');
    strings = candidates().filter((word) => member.test(String.fromCodePoint(...word)));
    known.set(name, strings);
  }
  return strings;
}

function members(property: string): number[] {
  return propertySet(property).flatMap(([lo, hi]) => Array.from({ length: hi - lo + 1 }, (_, i) => lo + i));
}

function pairs(first: string, second: string): number[][] {
  return members(first).flatMap((a) => members(second).map((b) => [a, b]));
}
