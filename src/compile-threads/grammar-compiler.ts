// Compiles without holding up the calling thread: short work is done on it in small turns, the rest in other threads. Equal
// sources are compiled once, whoever asks; what nobody waits for any more is stopped.
import type { Expression, OutputOf, StandardSchema, StaticSchema } from '../builder/index.js';
import {
  type Compilable,
  CompiledGrammar,
  type CompiledParts,
  type CompileOptions,
  type GrammarSource,
  type PendingCompile,
  prepareCompile,
} from '../compile/index.js';
import { EngineError, LimitError } from '../errors.js';
import { type CompilerLimits, type GrammarCompilerOptions, resolveLimits } from './limits.js';
import { CompilePool, type Task } from './pool.js';
import { Turns } from './turns.js';

export type { GrammarCompilerOptions } from './limits.js';

/** Options of one compilation. */
export interface AsyncCompileOptions extends CompileOptions {
  /** Ends it: the promise rejects with the signal's reason, and work that nobody else waits for is stopped. */
  readonly signal?: AbortSignal;
}

/** Work in a thread, and how many wait for it. */
interface Flight {
  readonly task: Task;
  waiting: number;
}

/**
 * Compiles grammars beside the calling thread. A source of at most `maxInlineBytes` is begun on it, for at most
 * `maxInlineMs` and with a turn of the event loop between pieces; what is larger or takes longer is compiled in one of at
 * most `maxCompileThreads` threads. A grammar in the IR cannot be sent and is compiled on the calling thread, under the same limit of
 * time.
 */
export class GrammarCompiler {
  readonly #limits: CompilerLimits;
  readonly #pool: CompilePool;
  readonly #turns = new Turns();
  readonly #flights = new Map<string, Flight>();
  #isClosed = false;

  /** @throws RequestError `invalid_option` */
  constructor(options: GrammarCompilerOptions = {}) {
    this.#limits = resolveLimits(options);
    this.#pool = new CompilePool(this.#limits);
  }

  /**
   * As `compile`, with the same cache.
   * @throws (rejects) what `compile` throws; LimitError `maxCompileMs`, `maxHeapMegabytes`; EngineError `queue_full`,
   * `compile_thread_died`, `compiler_closed`; the reason of an aborted signal
   */
  compile<S extends StandardSchema>(
    source: S | { readonly schema: S },
    options?: AsyncCompileOptions,
  ): Promise<CompiledGrammar<OutputOf<S>>>;
  compile<T>(
    source: Expression<T> | { readonly grammar: Expression<T> | CompiledGrammar<T> },
    options?: AsyncCompileOptions,
  ): Promise<CompiledGrammar<T>>;
  compile<T>(
    source: { readonly schema: StaticSchema<T> },
    options?: AsyncCompileOptions,
  ): Promise<CompiledGrammar<T>>;
  compile<T = unknown>(
    source: { readonly schema: unknown },
    options?: AsyncCompileOptions,
  ): Promise<CompiledGrammar<T>>;
  compile(
    source: Exclude<GrammarSource, { readonly schema: unknown }>,
    options?: AsyncCompileOptions,
  ): Promise<CompiledGrammar<string>>;
  compile(source: GrammarSource, options?: AsyncCompileOptions): Promise<CompiledGrammar>;
  async compile(source: Compilable, options: AsyncCompileOptions = {}): Promise<CompiledGrammar> {
    const { signal, maxCompileMs = this.#limits.maxCompileMs, ...rest } = options;
    signal?.throwIfAborted();
    this.#checkOpen();
    const prepared = prepareCompile(source, rest);
    if (prepared instanceof CompiledGrammar) return prepared;
    const here = await this.#here(prepared, maxCompileMs);
    if (here) return here;
    signal?.throwIfAborted();
    return prepared.finish(await this.#inThread(prepared, maxCompileMs, signal));
  }

  /** Ends all threads. Whoever waits, and later calls, get EngineError `compiler_closed`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.close(closed());
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closed();
  }

  /** Compiled on this thread; undefined when it is for another one. */
  #here(prepared: PendingCompile, maxCompileMs: number): Promise<CompiledGrammar | undefined> | undefined {
    const { maxInlineBytes, maxInlineMs } = this.#limits;
    const isBound = !prepared.job() || !CompilePool.isAvailable;
    if (
      !isBound &&
      (bytesOf(prepared) > maxInlineBytes || this.#flights.has(flightKey(prepared, maxCompileMs)))
    )
      return undefined;
    const limit = isBound ? maxCompileMs : Math.min(maxInlineMs, maxCompileMs);
    return this.#turns.run(() => {
      this.#checkOpen();
      try {
        return prepared.known() ?? prepared.finish(prepared.run(limit));
      } catch (error) {
        const goesOn = limit < maxCompileMs && error instanceof LimitError && error.limit === 'maxCompileMs';
        if (goesOn) return undefined;
        throw error;
      }
    });
  }

  async #inThread(
    prepared: PendingCompile,
    maxCompileMs: number,
    signal: AbortSignal | undefined,
  ): Promise<CompiledParts> {
    this.#checkOpen();
    const key = flightKey(prepared, maxCompileMs);
    const flight = this.#flights.get(key) ?? this.#depart(key, prepared, maxCompileMs);
    flight.waiting++;
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort);
    });
    try {
      return await Promise.race([flight.task.done, aborted]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (--flight.waiting === 0) {
        this.#land(key, flight);
        flight.task.cancel(signal?.reason);
      }
    }
  }

  #depart(key: string, prepared: PendingCompile, maxCompileMs: number): Flight {
    const flight: Flight = { task: this.#pool.run(prepared.job()!, maxCompileMs), waiting: 0 };
    this.#flights.set(key, flight);
    const land = () => this.#land(key, flight);
    flight.task.done.then(land, land);
    return flight;
  }

  /** Who comes from now on begins anew, or finds the grammar. */
  #land(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

/** Work with another limit is other work. */
function flightKey(prepared: PendingCompile, maxCompileMs: number): string {
  const { options, source } = prepared.job()!;
  return `${maxCompileMs} ${options}${source}`;
}

function bytesOf(prepared: PendingCompile): number {
  const { options, source } = prepared.job()!;
  return Buffer.byteLength(source) + Buffer.byteLength(options);
}

function closed(): EngineError {
  return new EngineError('compiler_closed', 'the compiler was closed');
}

let shared: GrammarCompiler | undefined;

/**
 * {@link GrammarCompiler.compile} of a compiler that the process shares, with the default limits: compiles without
 * holding up the calling thread.
 */
export const compileAsync: GrammarCompiler['compile'] = (
  source: Compilable,
  options?: AsyncCompileOptions,
) => {
  shared ??= new GrammarCompiler();
  return shared.compile(source as GrammarSource, options) as Promise<never>;
};
