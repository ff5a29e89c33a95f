// POST /tokenize and /detokenize, below /v1 too: what the model's tokenizer makes of a text, and back.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from './context.js';

interface TokenizeBody {
  readonly prompt: string | readonly string[];
  readonly add_special_tokens?: boolean | null;
}

interface DetokenizeBody {
  readonly tokens: readonly number[] | readonly (readonly number[])[];
  readonly skip_special_tokens?: boolean | null;
}

const tokenizeSchema = {
  type: 'object',
  required: ['prompt'],
  properties: {
    model: { type: ['string', 'null'] },
    prompt: { type: ['string', 'array'], items: { type: 'string' } },
    add_special_tokens: { type: ['boolean', 'null'] },
  },
};

const ids = { type: 'array', items: { type: 'integer', minimum: 0 } };
const detokenizeSchema = {
  type: 'object',
  required: ['tokens'],
  properties: {
    model: { type: ['string', 'null'] },
    tokens: { anyOf: [ids, { type: 'array', items: ids }] },
    skip_special_tokens: { type: ['boolean', 'null'] },
  },
};

/** A list of prompts is answered with lists, as in SGLang. */
export function tokenizeRoutes(app: FastifyInstance, { engine, model }: ServerContext): void {
  app.post<{ Body: TokenizeBody }>('/tokenize', { schema: { body: tokenizeSchema } }, async ({ body }) => {
    const { contextLength } = model.info;
    const options = { addSpecialTokens: body.add_special_tokens ?? true };
    const of = async (text: string) => [...(await engine.tokenize(text, options))];
    if (typeof body.prompt === 'string') {
      const tokens = await of(body.prompt);
      return { tokens, count: tokens.length, max_model_len: contextLength };
    }
    const tokens = await Promise.all(body.prompt.map(of));
    return { tokens, count: tokens.map(({ length }) => length), max_model_len: contextLength };
  });
  app.post<{ Body: DetokenizeBody }>(
    '/detokenize',
    { schema: { body: detokenizeSchema } },
    async ({ body }) => {
      const options = { skipSpecialTokens: body.skip_special_tokens ?? true };
      const { tokens } = body;
      if (isListOfLists(tokens))
        return { text: await Promise.all(tokens.map((list) => engine.detokenize(list, options))) };
      return { text: await engine.detokenize(tokens, options) };
    },
  );
}

function isListOfLists(tokens: DetokenizeBody['tokens']): tokens is readonly (readonly number[])[] {
  return tokens.length > 0 && typeof tokens[0] !== 'number';
}
