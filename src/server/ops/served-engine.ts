// The engine as routes see it: generations are counted, those of several steps as one.
import type { GenerateRequest } from '../../engine/index.js';
import type { Runner } from '../batch.js';
import type { EngineLike } from '../engine-like.js';
import type { GenerationMetrics } from './generation-metrics.js';
import { WatchedRunner } from './watched-runner.js';

export class ServedEngine implements EngineLike {
  readonly #engine: EngineLike;
  readonly #watched: (runner: Runner) => Runner;
  readonly #runner: Runner;

  /** `check` throws for requests that are over the server's limits. */
  constructor(
    engine: EngineLike,
    metrics: GenerationMetrics | undefined,
    check: (request: GenerateRequest) => void,
  ) {
    this.#engine = engine;
    this.#watched = (runner) => new WatchedRunner(runner, metrics, check);
    this.#runner = this.#watched(engine);
  }

  /** What `make` puts before the engine: a request to it counts once, however many it makes of it. */
  behind(make: (engine: EngineLike) => Runner): Runner {
    return this.#watched(make(this.#engine));
  }

  generate(...args: Parameters<EngineLike['generate']>) {
    return this.#runner.generate(...args);
  }
  generateChoices(...args: Parameters<EngineLike['generateChoices']>) {
    return this.#runner.generateChoices(...args);
  }
  stream(...args: Parameters<EngineLike['stream']>) {
    return this.#runner.stream(...args);
  }
  streamChoices(...args: Parameters<EngineLike['streamChoices']>) {
    return this.#runner.streamChoices(...args);
  }
  ready() {
    return this.#engine.ready();
  }
  applyChatTemplate(...args: Parameters<EngineLike['applyChatTemplate']>) {
    return this.#engine.applyChatTemplate(...args);
  }
  tokenize(...args: Parameters<EngineLike['tokenize']>) {
    return this.#engine.tokenize(...args);
  }
  detokenize(...args: Parameters<EngineLike['detokenize']>) {
    return this.#engine.detokenize(...args);
  }
  tokenizer() {
    return this.#engine.tokenizer();
  }
  embed(...args: Parameters<EngineLike['embed']>) {
    return this.#engine.embed(...args);
  }
  compile(...args: Parameters<EngineLike['compile']>) {
    return this.#engine.compile(...args);
  }
  stats() {
    return this.#engine.stats();
  }
  cachedPrefixes(most: number) {
    return this.#engine.cachedPrefixes(most);
  }
  flushCache() {
    return this.#engine.flushCache();
  }
  close() {
    return this.#engine.close();
  }
}
