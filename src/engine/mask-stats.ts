// What the masks of a tokenizer cost and which way they were answered, from the counters of the native core.
import type { MaskPath, NativeMaskStats, NativePathTimes } from '../native/index.js';

/** Masks that were answered one way, and how long that took, in microseconds; quantiles to within a quarter. */
export interface MaskPathStats {
  readonly masks: number;
  /** Of all masks. */
  readonly share: number;
  readonly meanMicros: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly maxMicros: number;
}

/** Figures of a tokenizer's masks since it was loaded, over all its grammars, those that are no more included. */
export interface MaskStats {
  readonly masks: number;
  readonly paths: Readonly<Record<MaskPath, MaskPathStats>>;
  /** Bytes remembered of how lexemes divide the vocabulary, their bound, and how many things made room for others. */
  readonly lexemes: { readonly bytes: number; readonly maxBytes: number; readonly evictions: number };
  /** Bytes of finished rows that the living grammars keep, how many grammars there are, how many rows made room. */
  readonly rows: { readonly bytes: number; readonly grammars: number; readonly evictions: number };
}

/** Where the second class of time begins; each power of two from there on has four classes. */
const FIRST_NANOS = 128;

export function maskStatsOf(native: NativeMaskStats): MaskStats {
  const paths = Object.entries(native.paths) as [MaskPath, NativePathTimes][];
  const masks = paths.reduce((sum, [, path]) => sum + path.masks, 0);
  return {
    masks,
    paths: Object.fromEntries(paths.map(([name, path]) => [name, pathStats(path, masks)])) as Record<
      MaskPath,
      MaskPathStats
    >,
    lexemes: {
      bytes: native.lexemeBytes,
      maxBytes: native.maxLexemeBytes,
      evictions: native.lexemeEvictions,
    },
    rows: { bytes: native.rowBytes, grammars: native.grammars, evictions: native.rowEvictions },
  };
}

function pathStats({ masks, timed, nanos, longest, byTime }: NativePathTimes, all: number): MaskPathStats {
  return {
    masks,
    share: all === 0 ? 0 : masks / all,
    meanMicros: timed === 0 ? 0 : nanos / timed / 1000,
    p50Micros: quantile(byTime, timed, longest, 0.5) / 1000,
    p99Micros: quantile(byTime, timed, longest, 0.99) / 1000,
    maxMicros: longest / 1000,
  };
}

/** The end of the class that holds the quantile, in nanoseconds. */
function quantile(byTime: Float64Array, timed: number, longest: number, share: number): number {
  let seen = 0;
  for (let i = 0; i < byTime.length; i++) {
    seen += byTime[i];
    if (seen > 0 && seen >= share * timed) return Math.min(longest, endOfClass(i));
  }
  return 0;
}

function endOfClass(index: number): number {
  return FIRST_NANOS * 2 ** (index >> 2) * (1 + (index & 3) / 4);
}
