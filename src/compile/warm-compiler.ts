// Compiles schemas ahead, so that the first requests of a process find the compiler's code optimised by the engine, and the
// automata of formats made. What is compiled here takes no place in the cache of grammars.
import { CompileError } from '../errors.js';
import type { JsonSchemaOptions } from '../frontends/json-schema/index.js';
import { prepareCompile } from './compile.js';
import { CompiledGrammar } from './compiled-grammar.js';
import { warmDocuments } from './warm-documents.js';
import { warmOverlaps } from './warm-overlaps.js';
import { warmRarities } from './warm-rarities.js';
import { FORMAT_SCHEMAS, RARE_FORMAT_SCHEMAS, warmSchemas } from './warm-schemas.js';
import { variedSchema } from './warm-varied.js';

export interface WarmCompilerOptions {
  /** Milliseconds after which no further schema is begun; default {@link DEFAULT_WARM_MILLIS}. */
  readonly maxMillis?: number;
  /** The options that requests will come with: other orders and spellings are other code. */
  readonly schema?: Pick<JsonSchemaOptions, 'propertyOrder' | 'integers' | 'formats' | 'whitespace'>;
  /** Ends the warming before the next schema. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_WARM_MILLIS = 5000;
/** Rounds of schemas beyond which nothing gets quicker any more. */
const MAX_ROUNDS = 200;
/** Schemas of new forms in a round. */
const VARIED = 40;
/** A round brings one in so many of the others, which are larger. */
const SPREAD = 4;
/** Formats that take long are made behind this round: code is optimised by then. */
const ROUND_OF_RARE_FORMATS = 10;
/** Milliseconds of work before others get their turn. */
const SLICE_MILLIS = 10;

/**
 * Warms the JSON Schema compiler of this thread: compiles schemas of many kinds, formats among them, for some seconds at
 * most. Other work of the thread gets its turn every few schemas. Once for each process or worker thread is enough.
 * @returns the number of schemas compiled
 */
export async function warmCompiler(options: WarmCompilerOptions = {}): Promise<number> {
  const { maxMillis = DEFAULT_WARM_MILLIS, schema: given = {}, signal } = options;
  const end = performance.now() + maxMillis;
  let count = 0;
  let sliceEnd = 0;
  for (const schema of samples()) {
    if (signal?.aborted || performance.now() >= end) break;
    compileSample(written(schema, count++), given);
    if (performance.now() < sliceEnd) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    sliceEnd = performance.now() + SLICE_MILLIS;
  }
  return count;
}

/** As requests bring schemas: as a value, and as text with white space and without. */
function written(schema: object, index: number): unknown {
  return index % 4 === 0 ? schema : JSON.stringify(schema, undefined, index % 2 ? 1 : 0);
}

/** Some of the varied schemas are refused under some options; what leads there is warm, too. */
function compileSample(schema: unknown, options: JsonSchemaOptions): void {
  try {
    const prepared = prepareCompile({ schema }, options);
    if (!(prepared instanceof CompiledGrammar)) prepared.run(undefined);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
  }
}

/** Formats behind the first round: they are what a request would wait for longest. */
function* samples(): Iterable<object> {
  yield* warmRarities(0);
  yield* warmSchemas(0);
  yield* warmDocuments(0);
  yield* warmOverlaps(0);
  yield* FORMAT_SCHEMAS;
  for (let round = 1; round < MAX_ROUNDS; round++) {
    for (let i = 0; i < VARIED; i++) yield variedSchema(round * VARIED + i);
    const others = [
      ...warmSchemas(round),
      ...warmDocuments(round),
      ...warmOverlaps(round),
      ...warmRarities(round),
    ];
    yield* others.filter((_, index) => index % SPREAD === round % SPREAD);
    if (round === ROUND_OF_RARE_FORMATS) yield* RARE_FORMAT_SCHEMAS;
  }
}
