import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileStopRegexes } from '../../src/engine/stop-regex.js';
import { StopStrings } from '../../src/engine/stop-strings.js';

const word = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '😀'), maxLength: 12 });
const stops = fc.array(
  word.filter((text) => text.length > 0),
  { maxLength: 3 },
);

/** The definition: the text up to the stop string that is complete first, the longest of those. */
function cut(text: string, stopList: readonly string[]): { text: string; matched: string | undefined } {
  for (let end = 1; end <= text.length; end++) {
    const complete = stopList
      .filter((stop) => text.slice(0, end).endsWith(stop))
      .sort((a, b) => b.length - a.length);
    if (complete.length > 0) return { text: text.slice(0, end - complete[0].length), matched: complete[0] };
  }
  return { text, matched: undefined };
}

describe('stop strings', () => {
  it('end the text before the first that is complete, however it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), stops, (pieces, stopList) => {
        const scanner = new StopStrings({ stop: stopList });
        let output = '';
        for (const piece of pieces) output += scanner.push(piece);
        if (scanner.matched === undefined) output += scanner.end();
        expect({ text: output, matched: scanner.matched }).toEqual(cut(pieces.join(''), stopList));
      }),
      { numRuns: 1000 },
    );
  });

  it('never show a part of one that is met later', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), stops, (pieces, stopList) => {
        const scanner = new StopStrings({ stop: stopList });
        const whole = cut(pieces.join(''), stopList).text;
        let output = '';
        for (const piece of pieces) {
          output += scanner.push(piece);
          expect(whole.startsWith(output)).toBe(true);
        }
      }),
    );
  });

  it('hold back nothing when there are none', () => {
    const scanner = new StopStrings({ stop: [] });
    expect([scanner.push('a'), scanner.push(''), scanner.push('\n'), scanner.end()]).toEqual([
      'a',
      '',
      '\n',
      '',
    ]);
  });
});

/** The definition by RegExp: the first end at which a match is complete, and the leftmost place where it can begin. */
function cutByRegex(text: string, sources: readonly string[]): { text: string; matched: boolean } {
  const characters = Array.from(text);
  for (let end = 1; end <= characters.length; end++)
    for (let start = 0; start < end; start++) {
      const piece = characters.slice(start, end).join('');
      if (sources.some((source) => new RegExp(`^(?:${source})$`, 'u').test(piece)))
        return { text: characters.slice(0, start).join(''), matched: true };
    }
  return { text, matched: false };
}

describe('stop expressions', () => {
  const sources = fc.subarray(['a+b', 'b(a|é)*\\n', '[^a]{2,3}a', '😀.a', 'ab|ba', '\\n\\n+a'], {
    minLength: 1,
  });

  it('end the text before the match that is complete first, however it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), sources, (pieces, list) => {
        const scanner = new StopStrings({ stop: [], stopRegex: compileStopRegexes(list) });
        const whole = cutByRegex(pieces.join(''), list);
        let output = '';
        for (const piece of pieces) {
          output += scanner.push(piece);
          expect(whole.text.startsWith(output)).toBe(true);
        }
        output += scanner.end();
        expect({ text: output, matched: scanner.matched !== undefined }).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  it('go together with stop strings, and stay in the text where that is asked', () => {
    const read = (text: string, keepStop = false) => {
      const stops = { stop: ['END'], stopRegex: compileStopRegexes(['\\d{3}']), keepStop };
      const scanner = new StopStrings(stops);
      let output = '';
      for (const character of text) output += scanner.push(character);
      return [output + scanner.end(), scanner.matched];
    };
    expect(read('a 12 b123 END')).toEqual(['a 12 b', '\\d{3}']);
    expect(read('a 12 END 123')).toEqual(['a 12 ', 'END']);
    expect(read('a 12 END 123', true)).toEqual(['a 12 END', 'END']);
    expect(read('a 1234', true)).toEqual(['a 123', '\\d{3}']);
    expect(read('a 12')).toEqual(['a 12', undefined]);
  });

  it('hold back no more than may become a match', () => {
    const scanner = new StopStrings({ stop: [], stopRegex: compileStopRegexes(['ab+c']) });
    expect([scanner.push('xa'), scanner.push('bb'), scanner.push('d'), scanner.push('a')]).toEqual([
      'x',
      '',
      'abbd',
      '',
    ]);
    expect(scanner.end()).toBe('a');
  });
});
