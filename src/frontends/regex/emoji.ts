// Properties of strings of flag v (ECMA-262 table 70): candidates are tried against the runtime's RegExp, once per property.
// Members without a plain form, sequences of tags and joiners, are candidates from a list of the Unicode data files.
import tags from 'regenerate-unicode-properties/Property_of_Strings/RGI_Emoji_Tag_Sequence.js';
import joined from 'regenerate-unicode-properties/Property_of_Strings/RGI_Emoji_ZWJ_Sequence.js';
import { propertySet } from './classes.js';

const VARIATION_SELECTOR = 0xfe0f;
const KEYCAP = 0x20e3;

const CANDIDATES = new Map<string, () => number[][]>([
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
  ['RGI_Emoji_Tag_Sequence', () => tags.strings.map(codePoints)],
  ['RGI_Emoji_ZWJ_Sequence', () => joined.strings.map(codePoints)],
]);
const UNION = 'RGI_Emoji';

const known = new Map<string, readonly (readonly number[])[]>();

/** The members of `\p{name}`, one of ECMA-262's properties of strings, each as code points. */
export function stringsOfProperty(name: string): readonly (readonly number[])[] {
  let strings = known.get(name);
  if (!strings) {
    strings = name === UNION ? [...CANDIDATES.keys()].flatMap(stringsOfProperty) : membersAmong(name);
    known.set(name, strings);
  }
  return strings;
}

function membersAmong(name: string): number[][] {
  const member = new RegExp(`^\\p{${name}}$`, 'v');
  const candidates = CANDIDATES.get(name)?.() ?? [];
  return candidates.filter((word) => member.test(String.fromCodePoint(...word)));
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

function members(property: string): number[] {
  return propertySet(property).flatMap(([lo, hi]) => Array.from({ length: hi - lo + 1 }, (_, i) => lo + i));
}

function pairs(first: string, second: string): number[][] {
  return members(first).flatMap((a) => members(second).map((b) => [a, b]));
}
