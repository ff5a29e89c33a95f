// The image of a grammar with a lexer: what is written is read again, and damage is refused by name.
import { describe, expect, it } from 'vitest';
import { encodeLexed, isLexedImage, openLexed } from '../../src/automata/index.js';
import { compile } from '../../src/compile/index.js';

const image = compile(
  {
    lark: 'start: ("if" NAME | NAME) _NL\nNAME: /[a-z]+/\n_NL: /\\n[ ]*/\n%ignore " "\n%declare _INDENT _DEDENT',
  },
  { lexer: 'contextual' },
).image;

describe('lexed images', () => {
  it('are read as they were written', () => {
    expect(isLexedImage(image)).toBe(true);
    expect(encodeLexed(openLexed(image))).toEqual(image);
    expect(isLexedImage(compile({ schema: true }).image)).toBe(false);
  });

  it('are read at any alignment', () => {
    const shifted = new Uint8Array(image.length + 1);
    shifted.set(image, 1);
    expect(openLexed(shifted.subarray(1)).symbolCount).toBe(openLexed(image).symbolCount);
  });

  it('are refused when a byte is changed or missing', () => {
    for (const at of [0, 4, 9, 30, image.length >> 1, image.length - 1]) {
      const damaged = image.slice();
      damaged[at] ^= 1;
      expect(() => openLexed(damaged), `byte ${at}`).toThrow(
        expect.objectContaining({ code: 'invalid_image' }),
      );
    }
    expect(() => openLexed(image.subarray(0, image.length - 4))).toThrow(
      expect.objectContaining({ code: 'invalid_image' }),
    );
    expect(() => openLexed(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'invalid_image' }));
  });
});
