// POST /v1/completions, whole and streamed: one prompt or several, as text or token ids.
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../../errors.js';
import { Batch } from '../batch.js';
import { modelName, type ServerContext } from '../context.js';
import type { EngineLike } from '../engine-like.js';
import { sendEvents } from '../sse.js';
import { type CompletionTelling, completion, completionChunks, type Echo } from './completions-answer.js';
import { type CompletionPlan, planCompletion } from './completions-request.js';
import { type CompletionBody, completionSchema } from './completions-schema.js';
import { openaiErrorBody } from './errors.js';

export function completionsRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight } = context;
  app.post<{ Body: CompletionBody }>(
    '/completions',
    { schema: { body: completionSchema } },
    async ({ body }, reply) => {
      const plan = planCompletion(body, context);
      // What a prompt's log-probabilities are told by comes at the end of an output.
      if (plan.echo && body.stream && body.logprobs != null)
        throw new RequestError(
          'unsupported_combination',
          'echo together with logprobs is not supported in a stream: leave one of them out',
          'echo',
        );
      const telling: CompletionTelling = {
        plan,
        model: modelName(context),
        echoes: plan.echo ? await echoesOf(plan, engine) : [],
        tokenizer: body.logprobs == null ? undefined : await engine.tokenizer(),
      };
      const batch = new Batch(
        engine,
        plan.requests,
        inFlight.signal(reply, body.rid ?? undefined),
        plan.choices,
      );
      if (!body.stream) return completion(await batch.whole(), telling);
      return sendEvents(reply, completionChunks(await batch.stream(), telling), openaiErrorBody);
    },
  );
}

function echoesOf({ requests }: CompletionPlan, engine: EngineLike): Promise<Echo[]> {
  return Promise.all(
    requests.map(async ({ prompt, promptTokens }) => {
      const tokens = [...(promptTokens ?? (await engine.tokenize(prompt ?? '')))];
      return { text: prompt ?? (await engine.detokenize(tokens)), tokens };
    }),
  );
}
