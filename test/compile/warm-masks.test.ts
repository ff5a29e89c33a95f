// Warming the portable masks: grammars that come later find the vocabulary divided, and their masks as they are.
import { describe, expect, it } from 'vitest';
import { compile, warmMasks } from '../../src/compile/index.js';
import { EMBEDDED_MODEL } from '../../src/engine/index.js';
import { lexemeTableOf } from '../../src/masks/index.js';
import { MatcherFactory } from '../../src/matcher/index.js';
import { openTokenizerImage } from '../../src/tokenizer/index.js';
import { openTokenizer } from '../../src/tokenizer-files/index.js';

const { tokenizer } = openTokenizer(EMBEDDED_MODEL);
/** A vocabulary of its own: what is known of lexemes hangs on the image. */
const freshImage = () => openTokenizerImage(tokenizer.image.buffer.slice());
const { machine } = compile({
  schema: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      size: { type: 'number' },
      code: { type: 'string', maxLength: 20 },
    },
    required: ['title', 'size', 'code'],
    additionalProperties: false,
  },
});
const ids = [
  ...tokenizer.encode('{"title": "a\\n é", "size": -1.5e3, "code": "xy"}', { addSpecialTokens: false }),
];

function rowsAlong(image: typeof tokenizer.image, maxMaskBytes?: number) {
  const matcher = new MatcherFactory(machine, image, { ...(maxMaskBytes === 0 && { maxMaskBytes }) }).open();
  return ids.map((id) => {
    const row = new Int32Array(matcher.words);
    const allowed = matcher.fill(row);
    expect(matcher.accept(id)).toBe(true);
    return [allowed, row];
  });
}

describe('warmed masks', () => {
  it('divide nothing that is large any more, and are those of the walk', async () => {
    const [cold, warm] = [freshImage(), freshImage()];
    await warmMasks(warm);
    const grown = (image: typeof cold) => {
      const before = lexemeTableOf(image).bytes;
      const rows = rowsAlong(image);
      return { bytes: lexemeTableOf(image).bytes - before, rows };
    };
    const [inCold, inWarm] = [grown(cold), grown(warm)];
    expect(inWarm.bytes).toBeLessThan(inCold.bytes / 4);
    expect(inWarm.rows).toEqual(inCold.rows);
    expect(inWarm.rows).toEqual(rowsAlong(warm, 0));
  });

  it('ends when it is told to', async () => {
    const image = freshImage();
    const before = lexemeTableOf(image).bytes;
    await warmMasks(image, { signal: AbortSignal.abort() });
    expect(lexemeTableOf(image).bytes).toBe(before);
  });
});
