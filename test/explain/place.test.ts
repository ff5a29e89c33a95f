// Places in texts, against the plain way of counting characters.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { picture, placeIn } from '../../src/explain/place.js';

const encode = (text: string) => new TextEncoder().encode(text);

describe('placeIn', () => {
  it('counts as people do', () => {
    const unit = fc.constantFrom('a', 'é', '園', '😀', '\n', '\t', ' ');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 120 }), fc.nat(), (text, pick) => {
        const characters = [...text];
        const at = pick % (characters.length + 1);
        const before = characters.slice(0, at);
        const offset = encode(before.join('')).length;
        const marked = placeIn(encode(text), offset);
        const line = before.slice(before.lastIndexOf('\n') + 1);
        expect(marked.place).toEqual({
          offset,
          line: before.filter((character) => character === '\n').length + 1,
          column: line.length + 1,
        });
        expect(marked.found).toBe(characters[at] ?? '');
        const shown = [...marked.excerpt];
        expect(shown[marked.caret] ?? '').toBe(at < characters.length ? picture(characters[at]) : '');
        expect(shown.slice(0, marked.caret).join('').replace(/^…/, '')).toBe(
          line.slice(-36).map(picture).join(''),
        );
        expect(marked.excerpt).not.toContain('\n');
      }),
    );
  });

  it('takes the character that a byte is inside of', () => {
    for (const inside of [1, 2, 3])
      expect(placeIn(encode('😀a'), inside)).toMatchObject({ found: '😀', caret: 0 });
  });

  it('is quick on long texts, of one line or of many', () => {
    const long = encode('x'.repeat(20_000_000));
    expect(placeIn(long, 10_000_000).place).toEqual({ offset: 10_000_000, line: 1, column: 10_000_001 });
    expect(placeIn(encode('x\n'.repeat(1_000_000)), 1_000_001).place).toMatchObject({
      line: 500_001,
      column: 2,
    });
  }, 10_000);
});
