// /parse_function_call and /separate_reasoning: what the formats of calls and of thinking read in a text.
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../../errors.js';
import {
  checkTools,
  collect,
  collectReasoning,
  findReasoningFormat,
  findToolFormat,
  reasoningFormatNames,
  toolFormatNames,
} from '../../tools/index.js';
import type { ServerContext } from '../context.js';

interface ParseCallsBody {
  readonly text: string;
  readonly tools?: readonly unknown[] | null;
  readonly tool_call_parser?: string | null;
}

interface ReasoningBody {
  readonly text: string;
  readonly reasoning_parser: string;
}

const parseCallsSchema = {
  type: 'object',
  required: ['text'],
  properties: {
    text: { type: 'string' },
    tools: { type: ['array', 'null'] },
    tool_call_parser: { type: ['string', 'null'] },
  },
};

const reasoningSchema = {
  type: 'object',
  required: ['text', 'reasoning_parser'],
  properties: { text: { type: 'string' }, reasoning_parser: { type: 'string' } },
};

/** `tool_index` counts the request's tools; -1: none of them. */
export function parseRoutes(app: FastifyInstance, { settings, formats }: ServerContext): void {
  app.post<{ Body: ParseCallsBody }>(
    '/parse_function_call',
    { schema: { body: parseCallsSchema } },
    async ({ body }) => {
      const name = body.tool_call_parser;
      const format =
        name == null
          ? (await formats.get()).tools
          : (findToolFormat(name) ?? unknown('tool_call_parser', name, toolFormatNames()));
      const tools = checkTools(body.tools ?? [], { maxTools: settings.maxTools });
      const parser = format.parser({ tools });
      const { content, calls } = collect([...parser.push(body.text), ...parser.finish()]);
      return {
        normal_text: content,
        calls: calls.map((call) => ({
          tool_index: tools.findIndex((tool) => tool.function.name === call.name),
          name: call.name,
          parameters: call.arguments,
        })),
      };
    },
  );
  app.post<{ Body: ReasoningBody }>(
    '/separate_reasoning',
    { schema: { body: reasoningSchema } },
    async ({ body }) => {
      const name = body.reasoning_parser;
      const format = findReasoningFormat(name) ?? unknown('reasoning_parser', name, reasoningFormatNames());
      const splitter = format.splitter();
      const { reasoning, content } = collectReasoning([...splitter.push(body.text), ...splitter.finish()]);
      return { reasoning_text: reasoning, text: content };
    },
  );
}

function unknown(field: string, name: string, known: readonly string[]): never {
  throw new RequestError(
    'invalid_value',
    `${field}: unknown format ${JSON.stringify(name)}; known are ${known.join(', ')}`,
    field,
  );
}
