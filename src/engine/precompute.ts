// How many of a grammar's masks are made before a token asks for them.
import { RequestError } from '../errors.js';

/**
 * `none`: each when it is first asked for. `hot`: those of the likeliest positions: the start, keys, what follows them.
 * `all`: of every position, as far as they end and fit.
 */
export type MaskLevel = 'none' | 'hot' | 'all';

export interface PrecomputeOptions {
  readonly masks: MaskLevel;
  /** Most masks; default {@link MAX_HOT_MASKS} with `hot`, {@link MAX_ALL_MASKS} with `all`. */
  readonly maxMasks?: number;
}

export const MAX_HOT_MASKS = 256;
export const MAX_ALL_MASKS = 65_536;

const MOST: Readonly<Record<MaskLevel, number>> = { none: 0, hot: MAX_HOT_MASKS, all: MAX_ALL_MASKS };

/** @throws RequestError `invalid_option` */
export function mostMasks({ masks, maxMasks }: PrecomputeOptions): number {
  const most = MOST[checkMaskLevel(masks)];
  if (maxMasks === undefined) return most;
  if (!Number.isSafeInteger(maxMasks) || maxMasks < 0)
    throw new RequestError(
      'invalid_option',
      `option 'maxMasks' must be a whole number, found ${String(maxMasks)}`,
      'maxMasks',
    );
  return masks === 'none' ? 0 : maxMasks;
}

/** @throws RequestError `invalid_option` */
export function checkMaskLevel(level: unknown): MaskLevel {
  if (typeof level === 'string' && Object.hasOwn(MOST, level)) return level as MaskLevel;
  throw new RequestError(
    'invalid_option',
    `option 'masks' must be one of ${Object.keys(MOST).join(', ')}, found ${String(level)}`,
    'masks',
  );
}
