// What compiling in threads may take: names, defaults, ranges.
import { availableParallelism } from 'node:os';
import { RequestError } from '../errors.js';

/** Options of a {@link GrammarCompiler}; each is a limit. */
export interface GrammarCompilerOptions {
  /** Most threads that compile at once, started when first needed; default: the machine's cores, at most 4. */
  readonly maxCompileThreads?: number;
  /** Most milliseconds of one compilation, from when its work begins; default 10,000. A call may bring its own. */
  readonly maxCompileMs?: number;
  /** Sources of at most so many bytes are begun on the calling thread; default 4,096. 0: none. */
  readonly maxInlineBytes?: number;
  /** Most milliseconds of that; what takes longer begins anew in a thread. Default 20. */
  readonly maxInlineMs?: number;
  /** Most different sources that wait for a thread; one more is refused with EngineError `queue_full`. Default 1,024. */
  readonly maxWaiting?: number;
  /** Most MiB of a thread's heap; beyond, its compilation ends with LimitError `maxHeapMegabytes`. Default 1,024. */
  readonly maxHeapMegabytes?: number;
}

export type CompilerLimits = Required<GrammarCompilerOptions>;

/** The defaults of {@link GrammarCompilerOptions}. */
export const DEFAULT_COMPILER_LIMITS: Required<GrammarCompilerOptions> = {
  maxCompileThreads: Math.min(4, availableParallelism()),
  maxCompileMs: 10_000,
  maxInlineBytes: 4096,
  maxInlineMs: 20,
  maxWaiting: 1024,
  maxHeapMegabytes: 1024,
};

const RANGES: Readonly<Record<keyof CompilerLimits, readonly [min: number, max: number]>> = {
  maxCompileThreads: [1, 256],
  maxCompileMs: [1, 2 ** 31 - 1],
  maxInlineBytes: [0, Number.MAX_SAFE_INTEGER],
  maxInlineMs: [1, 2 ** 31 - 1],
  maxWaiting: [0, Number.MAX_SAFE_INTEGER],
  maxHeapMegabytes: [32, 1024 * 1024],
};

/** @throws RequestError `invalid_option`, naming it */
export function resolveLimits(options: GrammarCompilerOptions): CompilerLimits {
  const limits = { ...DEFAULT_COMPILER_LIMITS };
  for (const [name, value] of Object.entries(options)) {
    const range = RANGES[name as keyof CompilerLimits];
    if (!range)
      throw invalid(name, `is not an option of compiling; known are ${Object.keys(RANGES).join(', ')}`);
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < range[0] || value > range[1])
      throw invalid(name, `must be an integer from ${range[0]} to ${range[1]}, found ${String(value)}`);
    limits[name as keyof CompilerLimits] = value;
  }
  return limits;
}

function invalid(name: string, reason: string): RequestError {
  return new RequestError('invalid_option', `option '${name}' ${reason}`, name);
}
