// POST /generate, whole and streamed, one prompt or a batch. Streamed text is cumulative, as SGLang's clients expect.
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GenerateChunk } from '../../engine/index.js';
import type { ServerContext } from '../context.js';
import type { EngineLike } from '../engine-like.js';
import { logFault } from '../error-handler.js';
import { describeError } from '../errors.js';
import { afterFirst, EventStream } from '../sse.js';
import { sglangErrorBody } from './errors.js';
import { generateAnswer, partialAnswer } from './generate-answer.js';
import { type GeneratePlan, planGenerate } from './generate-request.js';
import { type GenerateBody, generateSchema } from './generate-schema.js';

export function generateRoute(app: FastifyInstance, context: ServerContext): void {
  app.route<{ Body: GenerateBody }>({
    method: ['POST', 'PUT'],
    url: '/generate',
    schema: { body: generateSchema },
    handler: async (request, reply) => {
      const plan = planGenerate(request.body, context);
      const clientSignal = context.inFlight.signal(reply);
      const batch = new Batch(context.engine, plan, clientSignal);
      if (request.body.stream) return batch.stream(reply);
      const answers = await batch.whole();
      return plan.batch ? answers : answers[0];
    },
  });
}

/** The prompts of one request: an error of one ends the others. */
class Batch {
  readonly #engine: EngineLike;
  readonly #plan: GeneratePlan;
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;

  constructor(engine: EngineLike, plan: GeneratePlan, clientSignal: AbortSignal) {
    this.#engine = engine;
    this.#plan = plan;
    this.#signal = AbortSignal.any([clientSignal, this.#failed.signal]);
  }

  whole(): Promise<object[]> {
    return this.#all(this.#plan.items, async ({ id, request }) =>
      generateAnswer(id, await this.#engine.generate({ ...request, signal: this.#signal })),
    );
  }

  async stream(reply: FastifyReply): Promise<FastifyReply> {
    const streams = await this.#all(this.#plan.items, async ({ id, request }) => ({
      id,
      chunks: await afterFirst(this.#engine.stream({ ...request, signal: this.#signal })),
    }));
    const events = new EventStream(reply);
    try {
      await this.#all(streams, async ({ id, chunks }, index) => {
        const label = this.#plan.batch ? { index } : {};
        for await (const answer of cumulative(id, chunks)) await events.send({ ...answer, ...label });
      });
    } catch (error) {
      const problem = describeError(error);
      logFault(reply, problem, error);
      await events.send(sglangErrorBody(problem));
    }
    await events.done();
    return reply;
  }

  /** Runs `work` on every item at once; the first error aborts the others, and is thrown when all have ended. */
  async #all<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
    let failure: { error: unknown } | undefined;
    const done = items.map(async (item, index) => {
      try {
        return [await work(item, index)];
      } catch (error) {
        failure ??= { error };
        this.#failed.abort();
        return [];
      }
    });
    const results = (await Promise.all(done)).flat();
    if (failure) throw failure.error;
    return results;
  }
}

async function* cumulative(id: string, chunks: AsyncIterable<GenerateChunk>): AsyncGenerator<object> {
  let text = '';
  const tokens: number[] = [];
  for await (const chunk of chunks) {
    text += chunk.text;
    tokens.push(...chunk.tokens);
    yield chunk.result ? generateAnswer(id, chunk.result) : partialAnswer(id, text, tokens);
  }
}
