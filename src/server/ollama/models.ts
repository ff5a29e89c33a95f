// GET /api/tags, /api/ps, /api/version and POST /api/show: the one model that is served, told as Ollama tells of its own.
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { HttpError } from '../errors.js';

/** The version of Ollama whose API this follows: clients ask for one, and for less where it is older. */
const API_VERSION = '0.40.0';

/** There is no such end: the model stays as long as the server. */
const NEVER = '9999-12-31T23:59:59Z';

interface ShowBody {
  readonly model?: string;
  readonly name?: string;
}

const showSchema = {
  type: 'object',
  properties: { model: { type: 'string' }, name: { type: 'string' } },
};

export function ollamaModelsRoutes(app: FastifyInstance, context: ServerContext): void {
  const described = () => {
    const { modelPath } = context.model.info;
    const name = modelName(context);
    return {
      name,
      model: name,
      // Files are not read for it: sizes and contents stay untold.
      size: 0,
      digest: createHash('sha256').update(name).digest('hex'),
      details: detailsOf(modelPath),
    };
  };
  const loadedAt = () => new Date(context.model.loadedAt * 1000).toISOString();
  app.get('/version', async () => ({ version: API_VERSION }));
  app.get('/tags', async () => ({ models: [{ ...described(), modified_at: loadedAt() }] }));
  app.get('/ps', async () => {
    const { contextLength } = context.model.info;
    const running = { ...described(), expires_at: NEVER, size_vram: 0, context_length: contextLength };
    return { models: [running] };
  });
  app.post<{ Body: ShowBody }>('/show', { schema: { body: showSchema } }, async ({ body }) => {
    const { contextLength, modelPath } = context.model.info;
    checkName(body.model ?? body.name, modelName(context));
    const { reasoning, tokenizer } = await context.formats.get();
    return {
      modelfile: '',
      parameters: '',
      template: tokenizer.chatTemplates[0] ?? '',
      details: detailsOf(modelPath),
      model_info: { 'general.architecture': 'espalier', 'espalier.context_length': contextLength },
      capabilities: ['completion', 'tools', ...(reasoning ? ['thinking'] : [])],
      modified_at: loadedAt(),
    };
  });
}

/** Only what a file's name tells. */
function detailsOf(modelPath: string) {
  const format = extname(modelPath) === '.gguf' ? 'gguf' : 'safetensors';
  return { parent_model: '', format, family: '', families: [], parameter_size: '', quantization_level: '' };
}

/** Names without a tag mean the latest. */
function checkName(asked: string | undefined, served: string): void {
  if (asked !== undefined && asked.replace(/:latest$/, '') !== served.replace(/:latest$/, ''))
    throw new HttpError(404, 'model_not_found', `model '${asked}' not found`);
}
