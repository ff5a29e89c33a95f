// What every route shares: the engine, the settings, whether the model is loaded, the work in flight, remembered grammars.
import type { EngineInfo } from '../engine/index.js';
import type { ModelFormats, OutputGrammars } from './conversation/index.js';
import type { EngineLike } from './engine-like.js';
import { HttpError } from './errors.js';
import type { InFlight } from './in-flight.js';
import type { ServedEngine } from './ops/served-engine.js';
import type { ServerSettings } from './options.js';

export interface ServerContext {
  readonly engine: ServedEngine;
  readonly settings: ServerSettings;
  readonly model: ModelState;
  readonly inFlight: InFlight;
  readonly formats: ModelFormats;
  readonly grammars: OutputGrammars;
}

/** Watches the engine load. */
export class ModelState {
  #info: EngineInfo | undefined;
  #failure: string | undefined;
  #loadedAt = 0;

  constructor(engine: EngineLike) {
    engine.ready().then(
      (info) => {
        this.#info = info;
        this.#loadedAt = Math.floor(Date.now() / 1000);
      },
      (error: unknown) => {
        this.#failure = error instanceof Error ? error.message : String(error);
      },
    );
  }

  /**
   * The loaded model.
   * @throws HttpError 503 while it loads and when it could not be loaded.
   */
  get info(): EngineInfo {
    if (this.#info) return this.#info;
    if (this.#failure !== undefined)
      throw new HttpError(503, 'model_failed', `the model could not be loaded: ${this.#failure}`);
    throw new HttpError(503, 'model_loading', 'the model is still loading', { retryAfter: 1 });
  }

  get loaded(): boolean {
    return this.#info !== undefined;
  }

  /** When the model was loaded, in seconds since 1970. */
  get loadedAt(): number {
    return this.#loadedAt;
  }
}

/** The name that answers give the model. */
export function modelName(context: ServerContext): string {
  return context.settings.servedModelName ?? context.model.info.modelId;
}
