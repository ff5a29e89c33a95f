// POST /generate, whole and streamed, one prompt or a batch. Streamed text is cumulative, as SGLang's clients expect.
import type { FastifyInstance } from 'fastify';
import { Batch, type BatchChunk } from '../batch.js';
import type { ServerContext } from '../context.js';
import { sendEvents } from '../sse.js';
import type { TokenBytes } from '../token-names.js';
import { sglangErrorBody } from './errors.js';
import { generateAnswer, partialAnswer } from './generate-answer.js';
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
      const batch = new Batch(engine, plan.requests, inFlight.signal(reply, plan.rid), plan.choices);
      if (body.stream)
        return sendEvents(reply, cumulative(await batch.stream(), plan, names), sglangErrorBody);
      const results = await batch.whole();
      const answers = results.map((result, index) => generateAnswer(plan.ids[index], result, names));
      return plan.isList ? answers : answers[0];
    },
  });
}

async function* cumulative(
  chunks: AsyncIterable<BatchChunk>,
  plan: GeneratePlan,
  names: TokenBytes | undefined,
): AsyncGenerator<object> {
  const outputs = plan.ids.map((id) => ({ id, text: '', tokens: [] as number[] }));
  for await (const [index, chunk] of chunks) {
    const output = outputs[index];
    output.text += chunk.text;
    output.tokens.push(...chunk.tokens);
    const answer = chunk.result
      ? generateAnswer(output.id, chunk.result, names)
      : partialAnswer(output.id, output.text, output.tokens);
    yield plan.isList ? { ...answer, index } : answer;
  }
}
