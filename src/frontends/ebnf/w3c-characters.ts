// Character codes and classes as W3C writes them: `#x41`, `[a-z#xC0-#xD6]`, `[^<&]`. There are no escapes.
import {
  complementIntervals,
  type Intervals,
  MAX_CODE_POINT,
  normalizeIntervals,
} from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import type { Position } from './syntax.js';

/** The code point of `#x41`. */
export function characterCode(image: string, position: Position): number {
  const codePoint = Number.parseInt(image.slice(2), 16);
  if (codePoint > MAX_CODE_POINT || (codePoint >= 0xd800 && codePoint <= 0xdfff))
    throw new CompileError('invalid_grammar', `${image} is no character`, { ...position });
  return codePoint;
}

/** The code points of a class; `image` has its brackets. */
export function w3cIntervals(image: string, position: Position): Intervals {
  const negated = image.startsWith('[^');
  const inside = image.slice(negated ? 2 : 1, -1);
  const written = inside.match(/#x[0-9A-Fa-f]+|[\s\S]/gu) ?? [];
  const code = (part: string) => (part.length > 2 ? characterCode(part, position) : part.codePointAt(0)!);
  const intervals: [number, number][] = [];
  for (let i = 0; i < written.length; i++) {
    const isRange = written[i + 1] === '-' && i + 2 < written.length;
    const [lo, hi] = [code(written[i]), code(written[isRange ? i + 2 : i])];
    if (hi < lo)
      throw new CompileError('invalid_grammar', `the ends of a range in ${image} are in the wrong order`, {
        ...position,
      });
    intervals.push([lo, hi]);
    if (isRange) i += 2;
  }
  if (intervals.length === 0)
    throw new CompileError('invalid_grammar', 'this character class is empty', { ...position });
  const members = normalizeIntervals(intervals);
  return negated ? complementIntervals(members, MAX_CODE_POINT) : members;
}
