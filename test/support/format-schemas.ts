// Random schemas of strings with formats, and the verdicts of the runtime and of tr46 on these: what the fuzzer of walks gives ajv, which
// knows no formats itself.
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { toASCII } from 'tr46';

function isDate(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') !== undefined;
  } catch {
    return false;
  }
}

const RULES = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true };

/** By the tables of tr46: the runtime's URL may know less of Unicode than its RegExp, by which the grammar goes. */
const isName = (text: string) => toASCII(`x.${text}.org`, RULES) !== null;

/** By format; each takes at least what the specification does, and refuses most of what it does not. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  hostname: (text) => /^[A-Za-z0-9.-]+$/.test(text) && isName(text),
  'idn-hostname': isName,
  regex: isPattern,
  ipv4: isIPv4,
  ipv6: isIPv6,
  date: isDate,
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
};

const restricted = fc
  .record(
    {
      format: fc.constantFrom(...Object.keys(FORMATS)),
      minLength: fc.constantFrom(1, 4),
      maxLength: fc.constantFrom(12, 40),
      pattern: fc.constantFrom('^[0-9a-f]', 'a', '-'),
    },
    { requiredKeys: ['format'] },
  )
  .chain((schema) =>
    // Whole formats, beside nothing else, are what is walked most.
    fc.boolean().map((isWhole) => ({ type: 'string', ...(isWhole ? { format: schema.format } : schema) })),
  );

/** Arrays of strings of some formats, of different ones too. */
export const formatSchema: fc.Arbitrary<unknown> = fc
  .tuple(fc.array(restricted, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([anyOf, uniqueItems]) => ({
    type: 'array',
    items: { anyOf },
    minItems: 1,
    maxItems: 3,
    uniqueItems,
  }));
