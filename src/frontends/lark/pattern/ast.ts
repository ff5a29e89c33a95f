// The syntax tree of a terminal's pattern: Python's regular expressions with flags resolved. Order matters in it: what is
// written first is tried first, and a lazy repetition tries to stop first.
import type { Intervals } from '../../../automata/index.js';

export type Pattern =
  /** Reads one character of the set. */
  | { readonly kind: 'set'; readonly set: Intervals }
  | { readonly kind: 'sequence'; readonly items: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly options: readonly Pattern[] }
  /** `max` may be Infinity. */
  | {
      readonly kind: 'repeat';
      readonly item: Pattern;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | Look;

/** Reads nothing; holds where the text around the position fits. */
export type Look =
  /** What follows begins with `item`, or does not. */
  | { readonly kind: 'ahead'; readonly item: Pattern; readonly negative: boolean }
  /** What precedes ends with `item`, or does not. `item` matches texts of one length only. */
  | { readonly kind: 'behind'; readonly item: Pattern; readonly negative: boolean }
  /** What follows is nothing, or with `newline` a last newline. */
  | { readonly kind: 'end'; readonly newline: boolean };

export const NOTHING: Pattern = { kind: 'sequence', items: [] };

export interface Width {
  readonly min: number;
  readonly max: number;
}

/** Shortest and longest match in characters; memoised because terminals repeat one another's parts. */
export function widthOf(pattern: Pattern): Width {
  const known = widths.get(pattern);
  if (known) return known;
  const width = computeWidth(pattern);
  widths.set(pattern, width);
  return width;
}

const widths = new WeakMap<Pattern, Width>();

function computeWidth(pattern: Pattern): Width {
  switch (pattern.kind) {
    case 'set':
      return { min: 1, max: 1 };
    case 'sequence': {
      let [min, max] = [0, 0];
      for (const item of pattern.items) {
        const width = widthOf(item);
        min += width.min;
        max += width.max;
      }
      return { min, max };
    }
    case 'choice': {
      let [min, max] = [Number.POSITIVE_INFINITY, 0];
      for (const option of pattern.options) {
        const width = widthOf(option);
        min = Math.min(min, width.min);
        max = Math.max(max, width.max);
      }
      return { min, max };
    }
    case 'repeat': {
      const { min, max } = widthOf(pattern.item);
      return { min: min * pattern.min, max: max === 0 ? 0 : max * pattern.max };
    }
    default:
      return { min: 0, max: 0 };
  }
}

/** Whether a look is anywhere in the pattern. */
export function holdsLook(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'set':
      return false;
    case 'sequence':
      return pattern.items.some(holdsLook);
    case 'choice':
      return pattern.options.some(holdsLook);
    case 'repeat':
      return holdsLook(pattern.item);
    default:
      return true;
  }
}
