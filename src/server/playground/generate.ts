// POST /playground/generate: an output as events, step by step: the prompt, the tokens with what else could have stood there,
// the end with its figures.
import type { FastifyInstance } from 'fastify';
import type { GenerateChunk, GenerateResult } from '../../engine/index.js';
import type { ServerContext } from '../context.js';
import { sendEvents } from '../sse.js';
import { afterFirst } from '../streams.js';
import { playgroundErrorBody } from './errors.js';
import { type GeneratePlan, generateSchema, planGenerate } from './generate-request.js';
import type { EndEvent, GenerateBody, GenerateEvent } from './protocol.js';
import { StepReader } from './steps.js';

export function generateRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight } = context;
  app.post<{ Body: GenerateBody }>(
    '/playground/generate',
    { schema: { body: generateSchema } },
    async ({ body }, reply) => {
      const plan = await planGenerate(body, context);
      const signal = inFlight.signal(reply);
      // A constraint that is wrong is told before the stream begins, and with its place.
      const chunks = await afterFirst(engine.stream({ ...plan.request, signal }));
      return sendEvents(reply, outputEvents(chunks, plan, engine), playgroundErrorBody);
    },
  );
}

async function* outputEvents(
  chunks: AsyncIterable<GenerateChunk>,
  { promptIds, constraint }: GeneratePlan,
  engine: ServerContext['engine'],
): AsyncGenerator<GenerateEvent> {
  let reader: StepReader | undefined;
  for await (const chunk of chunks) {
    if (!reader) {
      // By now the engine has compiled it.
      const grammar = constraint && (await engine.compile(constraint));
      reader = new StepReader(await engine.tokenizer(), grammar);
      yield { type: 'prompt', ids: promptIds, text: await engine.detokenize(promptIds) };
    }
    if (chunk.tokens.length > 0) yield { type: 'steps', steps: reader.read(chunk) };
    if (chunk.result) yield await endEvent(chunk.result, promptIds, engine);
  }
}

async function endEvent(
  { text, finishReason, matchedStop, usage }: GenerateResult,
  promptIds: readonly number[],
  engine: ServerContext['engine'],
): Promise<EndEvent> {
  const cached = await engine.detokenize(promptIds.slice(0, usage.cachedTokens));
  return {
    type: 'end',
    text,
    finish_reason: finishReason,
    matched_stop: matchedStop ?? null,
    usage: {
      prompt_tokens: usage.promptTokens,
      cached_tokens: usage.cachedTokens,
      output_tokens: usage.outputTokens,
      first_token_ms: usage.firstTokenMs,
      total_ms: usage.totalMs,
      mask_ms: usage.maskMs,
    },
    cached_text_length: cached.length,
  };
}
