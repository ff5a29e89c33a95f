// Languages with counted lengths: the grammar takes exactly the words of allowed length, and no count is a dead end.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptsSymbols, type ConfigurationSet, Machine } from '../../../src/automata/index.js';
import { countedStrings } from '../../../src/frontends/json-schema/counted-strings.js';
import {
  countBounds,
  hasLength,
  repetitionOf,
  wordCount,
  wordLengths,
} from '../../../src/frontends/json-schema/string-lengths.js';
import { regexToDfa } from '../../../src/frontends/regex/index.js';
import { GrammarBuilder, prepareGrammar, toPda } from '../../../src/grammar/index.js';

const LETTERS = ['a', 'b', 'c'];
const LONGEST = 7;

/** Every word over the letters up to a length. */
function words(longest: number): string[] {
  let last = [''];
  const all = [''];
  for (let length = 1; length <= longest; length++) {
    last = last.flatMap((word) => LETTERS.map((letter) => word + letter));
    all.push(...last);
  }
  return all;
}
const WORDS = words(LONGEST);

const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '(?:ab|c)', '(?:aba)', '(?:bc?)');
const times = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}');
const pattern = fc
  .array(fc.tuple(atom, times), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map((part) => part.join('')).join(''));
const symbols = (word: string) => Array.from(word, (letter) => letter.codePointAt(0) as number);

it('takes the words of allowed length, and every prefix it takes can be finished', () => {
  let counted = 0;
  fc.assert(
    fc.property(
      pattern,
      fc.nat(LONGEST),
      fc.oneof(fc.nat(LONGEST), fc.constant(Number.POSITIVE_INFINITY)),
      (source, min, max) => {
        const language = regexToDfa(`(?=[abc]*$)(?:${source})`);
        const allowed = (word: string) =>
          acceptsSymbols(language, symbols(word)) && word.length >= min && word.length <= max;
        const bounds = max < min ? undefined : countBounds(language, min, max);
        const inhabited = hasLength(language, min, max);
        if (max < Infinity && max >= min && inhabited !== undefined)
          expect(inhabited).toBe(WORDS.some(allowed));
        if (!bounds || !inhabited) return;
        counted++;
        const builder = new GrammarBuilder();
        const start = countedStrings(language, bounds, min, max, (characters) => characters, builder);
        const machine = new Machine(toPda(prepareGrammar(builder.build(start))));
        const reached = new Map<string, ConfigurationSet>([['', machine.start]]);
        for (const word of WORDS) {
          const set = word === '' ? machine.start : reached.get(word.slice(0, -1));
          const after = word === '' ? set : set && machine.step(set, word.charCodeAt(word.length - 1));
          if (after) reached.set(word, after);
          expect(after?.accepting === true, word).toBe(allowed(word));
          if (max < Infinity)
            expect(after !== undefined && after !== null, `prefix ${word}`).toBe(
              WORDS.some((whole) => whole.startsWith(word) && allowed(whole)),
            );
        }
      },
    ),
    { numRuns: 120 },
  );
  expect(counted).toBeGreaterThan(30);
});

it('knows repetitions of one set, and the shortest and longest words', () => {
  expect(repetitionOf(regexToDfa('[a-z]{2,70}'))).toMatchObject({ min: 2, max: 70 });
  expect(repetitionOf(regexToDfa('[^x]{3,}'))).toMatchObject({ min: 3, max: Number.POSITIVE_INFINITY });
  expect(repetitionOf(regexToDfa('a*b'))).toBeUndefined();
  expect(repetitionOf(regexToDfa('a{2}|a{5}'))).toBeUndefined();
  const { shortest, longest } = wordLengths(regexToDfa('ab(c{3})?'));
  expect([shortest[0], longest[0]]).toEqual([2, 5]);
});

it('counts words as listing them does', () => {
  const most = 30;
  fc.assert(
    fc.property(
      pattern,
      fc.nat(4),
      fc.oneof(fc.nat(LONGEST), fc.constant(Number.POSITIVE_INFINITY)),
      (source, min, max) => {
        const language = regexToDfa(`(?=[abc]*$)(?:${source})`);
        const count = wordCount(language, min, max, most);
        const isInfinite = max === Infinity && wordLengths(language).longest[0] === Infinity;
        fc.pre(isInfinite || Math.min(max, wordLengths(language).longest[0]) <= LONGEST);
        const listed = WORDS.filter(
          (word) => acceptsSymbols(language, symbols(word)) && word.length >= min && word.length <= max,
        ).length;
        expect(count).toBe(isInfinite || listed > most ? Infinity : listed);
      },
    ),
    { numRuns: 400 },
  );
  expect(wordCount(regexToDfa('a{2000}'), 0, Infinity, most)).toBeUndefined();
});
