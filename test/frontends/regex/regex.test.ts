// The regex front end, construct by construct, against Node's RegExp; its refusals and limits.
import { describe, expect, it } from 'vitest';
import { acceptsSymbols, type Dfa, sameLanguage } from '../../../src/automata/index.js';
import { CompileError, LimitError } from '../../../src/errors.js';
import { regexGrammar, regexSearchDfa, regexToDfa } from '../../../src/frontends/regex/index.js';

const codePoints = (text: string) => Array.from(text, (character) => character.codePointAt(0) as number);
const accepts = (dfa: Dfa, text: string) => acceptsSymbols(dfa, codePoints(text));

/** All words of up to three of the characters. */
function wordsOver(characters: readonly string[]): string[] {
  const words = [''];
  for (let from = 0, length = 1; length <= 3; length++) {
    const end = words.length;
    for (; from < end; from++) for (const character of characters) words.push(words[from] + character);
  }
  return words;
}

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const CASES: readonly (readonly [pattern: string, flags: string, alphabet: string])[] = [
  ['a|b|', 'u', 'abc'],
  ['(?:a|b)*?c+?', 'u', 'abc'],
  ['a{0}b{1,2}c{1,}', 'u', 'abc'],
  ['()*a|(?:)+', 'u', 'ab'],
  ['(?:^|a)b(?:$|c)', 'u', 'abc'],
  ['a^b|a$b|^$|^^a$$', 'u', 'ab'],
  ['(?:^a|b)*$', 'u', 'ab'],
  ['^a$', 'm', 'a\n\rb'],
  ['(?:^a$\\n?)+', 'm', 'a\n'],
  ['a\\b', 'u', 'a -'],
  ['\\ba|\\Bb', 'u', 'ab -'],
  ['(?:a\\b|\\b-)*', 'u', 'a- '],
  ['\\B', 'u', 'a-'],
  ['\\bk|s\\B', 'iu', 'kKs\u017f\u212a-'],
  ['a.c', 'u', 'ac\n\u2028'],
  ['a.c', 's', 'ac\n\u2028'],
  ['[^]', 'u', 'a\n'],
  ['[]a|b', 'u', 'ab'],
  ['[^\\W_a]', 'u', 'ab_1-'],
  ['[\\s\\d]\\S\\D', 'u', 'a1 \ufeff'],
  ['aße', 'iu', 'aßẞe'],
  ['[\\u00e5]|k|\\u03c3', 'iu', 'åÅ\u212bkK\u212aσςΣ'],
  ['[\\u00e5]|k|\\u03c3', 'i', 'åÅ\u212bkK\u212aσςΣ'],
  ['[^k]\\w', 'iu', 'kK\u212a\u017fa'],
  ['[^k]\\w', 'i', 'kK\u212a\u017fa'],
  ['\\P{Lu}|[^\\P{Lu}]1', 'iu', 'aA1'],
  ['\\P{Lu}|[^\\P{Lu}]1', 'iv', 'aA1'],
  ['\\p{Lu}\\p{Script=Greek}\\p{ASCII}', 'u', 'AaΩ'],
  ['[\\p{L}--[a-y]]', 'v', 'axzÄ1'],
  ['[\\w&&[^\\d]]|[[ab]--b]', 'v', 'ab1_'],
  ['[\\q{ab|c|}--\\q{c}]d', 'v', 'abcd'],
  ['[\\q{aB|c}&&\\q{Ab}]', 'iv', 'aAbBc'],
  ['^\\p{Emoji_Keycap_Sequence}$', 'v', '1\ufe0f\u20e3'],
  ['\\u{1F600}[😁-😃]', 'u', '😀😁😄'],
  ['\\-\\_\\a', '', '-_a'],
  ['[\\d-x]]{', '', '1-x]{'],
  ['\\c|[\\c1]', '', '\\c\x11'],
  ['\\08|\\x1|\\u12', '', '\x008x1u2'],
  ['(?<year>a)(?<day>b)', 'u', 'ab'],
];

describe('regexToDfa and regexSearchDfa', () => {
  it.each(CASES)('/%s/%s agrees with RegExp', (pattern, flags, alphabet) => {
    const unicode = /[uv]/.test(flags);
    const full = regexToDfa(pattern, { flags });
    const search = regexSearchDfa(pattern, { flags });
    const whole = (word: string) => new RegExp(`(?:${pattern})(?![^])`, `${flags}y`).test(word);
    const part = new RegExp(pattern, flags);
    let matches = 0;
    for (const word of wordsOver(unicode ? [...alphabet] : alphabet.split(''))) {
      expect(accepts(full, word), JSON.stringify(word)).toBe(whole(word));
      expect(accepts(search, word), JSON.stringify(word)).toBe(part.test(word));
      if (part.test(word)) matches++;
    }
    expect(matches).toBeGreaterThan(0);
  });

  it('knows the members of RGI_Emoji, and no other sequence of their characters', () => {
    const property = 'RGI_Emoji';
    const dfa = regexToDfa(`\\p{${property}}`, { flags: 'v' });
    const member = new RegExp(`^\\p{${property}}$`, 'v');
    const samples = ['👩‍🚀', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '👋🏽', '🇫🇷', '5️⃣', '🧑🏻‍🤝‍🧑🏿', '❤️‍🔥'];
    for (const sample of samples) {
      expect(accepts(dfa, sample), sample).toBe(true);
      const characters = [...sample];
      for (let at = 0; at < characters.length; at++) {
        const shorter = characters.toSpliced(at, 1).join('');
        expect(accepts(dfa, shorter), shorter).toBe(member.test(shorter));
        const twice = characters.toSpliced(at, 0, characters[at]!).join('');
        expect(accepts(dfa, twice), twice).toBe(member.test(twice));
      }
    }
  });

  it('reads a pattern without u by code points', () => {
    for (const pattern of ['😀', '^.$', '[a-😀]', '[😀]', '\\ud83d\\ude00', '😀{1}'])
      expect(accepts(regexToDfa(pattern, { flags: '' }), '😀'), pattern).toBe(true);
    expect(accepts(regexToDfa('😀{2}', { flags: '' }), '😀😀')).toBe(true);
  });

  it('falls back to the legacy reading only when no flags were asked for', () => {
    expect(accepts(regexToDfa('a\\-b'), 'a-b')).toBe(true);
    expect(caught(() => regexToDfa('a\\-b', { flags: 'u' }))).toMatchObject({ code: 'invalid_regex' });
  });

  it('knows modifiers by name, whether or not the runtime does', () => {
    const dfa = regexToDfa('a(?i:b(?-i:c))(?s-m:.)', { regexSyntax: 'es2025' });
    for (const [text, expected] of [
      ['abc\n', true],
      ['aBc\n', true],
      ['aBC\n', false],
      ['Abc\n', false],
    ] as const)
      expect(accepts(dfa, text), text).toBe(expected);
  });

  it('gives one automaton for one language', () => {
    const pairs = [
      ['(?:a|b)*', '[ab]*'],
      ['a{2,4}', 'aaa?a?'],
      ['(?:x+x+)+y', 'xx+y'],
      ['\\w', '[A-Za-z0-9_]'],
      ['(?:a{1,3}){1,3}', 'a{1,9}'],
      ['a{1,20}b?[ab]*', 'a[ab]*'],
      ['(?=a)[ab]{2}', 'a[ab]'],
      ['(?!.*bb)[ab]*(?<!b)', '(?:b?a)*'],
      ['(?=(?:(?!b).)*$)[ab]*', 'a*'],
      ['[ab]+(?<=(?=ab)a.)', '[ab]*ab'],
      ['(?:(?=a)[ab]|(?<=a)[bc])*', '(?:a[bc]?)*'],
    ] as const;
    for (const [a, b] of pairs) expect(sameLanguage(regexToDfa(a), regexToDfa(b)), a).toBe(true);
    expect(sameLanguage(regexSearchDfa('^(?:ab)$'), regexToDfa('ab'))).toBe(true);
    expect(sameLanguage(regexSearchDfa('[a-z]{1,500}'), regexToDfa('[^]*[a-z][^]*'))).toBe(true);
  });
});

describe('regexGrammar', () => {
  it('spells the matches in UTF-8', () => {
    const { start } = regexGrammar('é|😀');
    if (start.kind !== 'regular') throw new Error('expected one lexeme');
    const encoder = new TextEncoder();
    expect(acceptsSymbols(start.dfa, encoder.encode('é'))).toBe(true);
    expect(acceptsSymbols(start.dfa, encoder.encode('😀'))).toBe(true);
    expect(acceptsSymbols(start.dfa, encoder.encode('e'))).toBe(false);
  });
});

describe('refusals', () => {
  it.each([
    ['(?=(a)\\1)', 'backreference', 7],
    ['(a)\\1', 'backreference', 4],
    ['(?<n>a)\\k<n>', 'backreference', 8],
  ])('%s is refused by name and place', (pattern, keyword, column) => {
    const error = caught(() => regexToDfa(pattern));
    expect(error).toBeInstanceOf(CompileError);
    expect(error).toMatchObject({ code: 'unsupported_regex', location: { keyword, column } });
  });

  it.each(['(', 'a**', '[b-a]', 'a{2,1}', '(?<n', '\\p{Klingon}', '(?i-i:a)'])('%s is invalid', (pattern) => {
    const error = caught(() => regexToDfa(pattern, { flags: 'u' }));
    expect(error).toBeInstanceOf(CompileError);
    expect(error).toMatchObject({ code: 'invalid_regex' });
    expect((error as CompileError).location.column).toBeGreaterThan(0);
  });

  it('refuses flags that do not exist', () => {
    expect(caught(() => regexToDfa('a', { flags: 'uu' }))).toMatchObject({ code: 'invalid_regex' });
  });

  it.each(['(?i:a)', '(?s:.*)', '(?<x>a)|(?<x>b)'])('takes %s where RegExp does', (pattern) => {
    expect(regexToDfa(pattern, { regexSyntax: 'es2025' })).toBeDefined();
    let known = true;
    try {
      new RegExp(pattern, 'u');
    } catch {
      known = false;
    }
    if (known) expect(regexToDfa(pattern)).toBeDefined();
    else
      expect(caught(() => regexToDfa(pattern))).toMatchObject({
        code: 'unsupported_regex',
        message: expect.stringContaining("regexSyntax: 'es2025'"),
        location: { keyword: 'newer-syntax' },
      });
  });
});

describe('limits', () => {
  it.each([
    ['[ab]*a[ab]{40}', {}, 'maxStates'],
    ['(?:a{1,1000}){1000}', {}, 'maxStates'],
    ['a{99999999999}', {}, 'maxStates'],
    ['(?:[a-z]{0,300}[0-9]?){0,300}', {}, 'maxStates'],
    ['a{20}', { maxStates: 10 }, 'maxStates'],
    ['('.repeat(300) + ')'.repeat(300), {}, 'maxPatternDepth'],
    ['('.repeat(100_000), { maxPatternLength: 200_000 }, 'maxPatternDepth'],
    ['a'.repeat(70_000), {}, 'maxPatternLength'],
  ])('%# is over its limit', (pattern, options, limit) => {
    const error = caught(() => regexToDfa(pattern, options));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ limit });
  });

  it('nests as deep as it says, and repeats nothing as often as it is told', () => {
    const depth = 250;
    expect(accepts(regexToDfa(`${'('.repeat(depth)}a${')'.repeat(depth)}`), 'a')).toBe(true);
    expect(accepts(regexToDfa('(?:[(]|[)])'.repeat(300)), '('.repeat(300))).toBe(true);
    expect(accepts(regexToDfa('(?:(?:)|^|()()){0,99999999}a(?:$){99999999}'), 'a')).toBe(true);
  });
});
