// POST /generate, whole and streamed, one prompt or a batch. Streamed text is cumulative, as SGLang's clients expect.
import type { FastifyInstance } from 'fastify';
import type { GenerateRequest } from '../../engine/index.js';
import { Batch, type BatchChunk } from '../batch.js';
import type { ServerContext } from '../context.js';
import { sendEvents } from '../sse.js';
import { sglangErrorBody } from './errors.js';
import { generateAnswer, partialAnswer, type Telling } from './generate-answer.js';
import { type GeneratePlan, planGenerate } from './generate-request.js';
import { type GenerateBody, generateSchema } from './generate-schema.js';

export function generateRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight } = context;
  app.route<{ Body: GenerateBody }>({
    method: ['POST', 'PUT'],
    url: '/generate',
    schema: { body: generateSchema },
    handler: async ({ body }, reply) => {
      const plan = planGenerate(body, context);
      const names = plan.names ? await engine.tokenizer() : undefined;
      const requests = await Promise.all(plan.requests.map((request) => encoded(request, engine)));
      const telling = requests.map((request): Telling => ({ names, firstToken: firstToldToken(request) }));
      const batch = new Batch(engine, requests, inFlight.signal(reply, plan.rid), plan.choices);
      if (body.stream)
        return sendEvents(reply, cumulative(await batch.stream(), plan, telling), sglangErrorBody);
      const results = await batch.whole();
      const answers = results.map((result, index) =>
        generateAnswer(plan.outputs[index], result, telling[Math.floor(index / plan.choices)]),
      );
      return plan.isList ? answers : answers[0];
    },
  });
}

async function* cumulative(
  chunks: AsyncIterable<BatchChunk>,
  plan: GeneratePlan,
  telling: readonly Telling[],
): AsyncGenerator<object> {
  const outputs = plan.outputs.map((output) => ({ ...output, text: '', tokens: [] as number[] }));
  for await (const [index, chunk] of chunks) {
    const output = outputs[index];
    if (output.promptOnly && !chunk.result) continue;
    output.text += chunk.text;
    output.tokens.push(...chunk.tokens);
    const answer = chunk.result
      ? generateAnswer(output, chunk.result, telling[Math.floor(index / plan.choices)])
      : partialAnswer(output.id, output.text, output.tokens);
    yield plan.isList ? { ...answer, index } : answer;
  }
}

/** The same request with its text encoded where the first token is to be told, which the engine does not tell. */
async function encoded(request: GenerateRequest, engine: ServerContext['engine']): Promise<GenerateRequest> {
  const { prompt, ...rest } = request;
  if (rest.promptLogprobsFrom !== 0 || prompt === undefined) return request;
  return { ...rest, promptTokens: await engine.tokenize(prompt) };
}

function firstToldToken({ promptTokens, promptLogprobsFrom }: GenerateRequest): number | undefined {
  return promptLogprobsFrom === 0 ? promptTokens?.[0] : undefined;
}
