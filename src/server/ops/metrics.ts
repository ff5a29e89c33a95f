// GET /metrics: Prometheus' text form, under SGLang's metric names. Each server has a registry of its own.
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { modelName, type ServerContext } from '../context.js';
import { EngineMetrics } from './engine-metrics.js';
import { GenerationMetrics } from './generation-metrics.js';
import { countRequests } from './http-metrics.js';

export class Metrics {
  readonly generations: GenerationMetrics;
  readonly #registry = new Registry();
  readonly #engine: EngineMetrics;

  constructor() {
    this.generations = new GenerationMetrics(this.#registry);
    this.#engine = new EngineMetrics(this.#registry);
  }

  /** Counts what `app` answers. Call before its routes are there. */
  countRequests(app: FastifyInstance): void {
    countRequests(app, this.#registry);
  }

  /** While the model loads there are no figures of the engine, and no name. */
  route(app: FastifyInstance, context: ServerContext): void {
    const { engine, model } = context;
    app.get('/metrics', async (_request, reply) => {
      if (model.loaded) {
        this.#registry.setDefaultLabels({ model_name: modelName(context) });
        this.#engine.update(await engine.stats(), model.info.options.pageSize);
      }
      return reply.type(this.#registry.contentType).send(await this.#registry.metrics());
    });
  }
}
