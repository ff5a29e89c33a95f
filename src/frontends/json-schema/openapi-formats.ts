// Formats of the OpenAPI registry that restrict values, enforced with `formats: 'openapi'`. The others of that registry
// (float, double, binary, password …) describe values that JSON cannot tell apart, and stay annotations.
import type { Dfa } from '../../automata/index.js';
import { regexToDfa } from '../regex/index.js';
import { Decimal } from './decimal.js';
import { type NumberRange, numberRange } from './shape.js';

const BASE64 = (digits: string) =>
  `(?:[${digits}]{4})*(?:[${digits}][AQgw]==|[${digits}]{2}[AEIMQUYcgkosw048]=)?`;
const BASE64_URL = '[A-Za-z0-9_\\-]';

const STRINGS: ReadonlyMap<string, string> = new Map([
  ['byte', BASE64('A-Za-z0-9+/')],
  ['base64url', `(?:${BASE64_URL}{4})*(?:${BASE64_URL}[AQgw]|${BASE64_URL}{2}[AEIMQUYcgkosw048])?`],
  ['char', '[^]'],
]);

function integers(lower: string, upper: string): NumberRange {
  const bound = (text: string) => ({ value: Decimal.parse(text)!, exclusive: false });
  return numberRange({ only: 'integers', lower: bound(lower), upper: bound(upper) });
}

const NUMBERS: ReadonlyMap<string, NumberRange> = new Map([
  ['int8', integers('-128', '127')],
  ['uint8', integers('0', '255')],
  ['int16', integers('-32768', '32767')],
  ['uint16', integers('0', '65535')],
  ['int32', integers('-2147483648', '2147483647')],
  ['uint32', integers('0', '4294967295')],
  ['int64', integers('-9223372036854775808', '9223372036854775807')],
  ['uint64', integers('0', '18446744073709551615')],
  ['double-int', integers('-9007199254740991', '9007199254740991')],
]);

const compiled = new Map<string, Dfa>();

/** The strings of a format of the registry; undefined for one that restricts none. */
export function openapiStrings(name: string): Dfa | undefined {
  const source = STRINGS.get(name);
  if (source === undefined) return undefined;
  let dfa = compiled.get(name);
  if (!dfa) compiled.set(name, (dfa = regexToDfa(source)));
  return dfa;
}

/** The numbers of a format of the registry; undefined for one that restricts none. */
export function openapiNumbers(name: string): NumberRange | undefined {
  return NUMBERS.get(name);
}
