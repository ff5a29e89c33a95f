// Stop strings over text that comes in pieces, against the whole text searched at once.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StopStrings } from '../../src/engine/stop-strings.js';

/** The text before the earliest stop string (of two at one place, the first listed) and which it was. */
function cut(text: string, stops: readonly string[]): { before: string; matched: string | undefined } {
  let at = text.length;
  let matched: string | undefined;
  for (const stop of stops) {
    const found = text.indexOf(stop);
    if (found >= 0 && (found < at || matched === undefined)) [at, matched] = [found, stop];
  }
  return { before: text.slice(0, at), matched };
}

it('shows no part of a stop string, and all text before it', () => {
  const stops = new StopStrings(['</end>', '\n\n']);
  expect(['ab<', '/e', 'x\n', 'y</en', 'd>more'].map((piece) => stops.push(piece))).toEqual([
    'ab',
    '',
    '</ex',
    '\ny',
    '',
  ]);
  expect(stops.matched).toBe('</end>');
  expect(stops.push('late')).toBe('');
});

it('gives back what was held when the text ends', () => {
  const stops = new StopStrings(['abc']);
  expect(stops.push('xab')).toBe('x');
  expect(stops.end()).toBe('ab');
  expect(stops.matched).toBeUndefined();
});

it('holds nothing without stop strings', () => {
  const stops = new StopStrings([]);
  expect(stops.push('anything')).toBe('anything');
  expect(stops.end()).toBe('');
});

it('agrees with a search of the whole text, however it is cut (property)', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), fc.array(word, { maxLength: 3 }), (pieces, stops) => {
      const held = new StopStrings(stops);
      const shown = pieces.map((piece) => held.push(piece));
      if (held.matched === undefined) shown.push(held.end());
      let upTo = pieces.join('');
      // A piece ends the search: a stop string that a later piece would complete further left cannot exist.
      for (let i = 1; i <= pieces.length; i++) {
        const part = pieces.slice(0, i).join('');
        if (stops.some((stop) => part.includes(stop))) {
          upTo = part;
          break;
        }
      }
      const expected = cut(upTo, stops);
      expect(shown.join('')).toBe(expected.before);
      expect(held.matched).toBe(expected.matched);
    }),
  );
});
