import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
        const scanner = new StopStrings(stopList);
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
        const scanner = new StopStrings(stopList);
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
    const scanner = new StopStrings([]);
    expect([scanner.push('a'), scanner.push(''), scanner.push('\n'), scanner.end()]).toEqual([
      'a',
      '',
      '\n',
      '',
    ]);
  });
});
