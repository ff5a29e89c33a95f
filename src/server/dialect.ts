// Which dialect a request speaks, where its route alone does not tell: the form of errors of requests that no route takes,
// and whose route it is where two dialects have one of the same name.
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest, FastifyServerOptions } from 'fastify';
import { anthropicErrorBody } from './anthropic/errors.js';
import type { ErrorBody } from './error-handler.js';
import type { Problem } from './errors.js';
import { ollamaErrorBody } from './ollama/errors.js';
import { openaiErrorBody } from './openai/errors.js';
import { sglangErrorBody } from './sglang/errors.js';

/** The error body of a request's dialect. */
export function dialectErrorBody(problem: Problem, request: FastifyRequest): object {
  return errorBodyOf(request)(problem, request);
}

function errorBodyOf({ url, headers }: FastifyRequest): ErrorBody {
  const below = (prefix: string) => new RegExp(`^${prefix}(?:[/?]|$)`).test(url);
  if (below('/api')) return ollamaErrorBody;
  if (below('/v1/messages') || (below('/v1') && isAnthropicClient(headers))) return anthropicErrorBody;
  return below('/v1') ? openaiErrorBody : sglangErrorBody;
}

function isAnthropicClient(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}

type Constraint = NonNullable<FastifyServerOptions['constraints']>[string];
type Handler = Parameters<ReturnType<Constraint['storage']>['set']>[1];

/** Routes with `constraints: {dialect: 'anthropic'}` are found for Anthropic's clients alone, before others of that name. */
export const dialectConstraint: Constraint = {
  name: 'dialect',
  mustMatchWhenDerived: false,
  storage() {
    const handlers = new Map<unknown, Handler>();
    return {
      get: (dialect) => handlers.get(dialect) ?? null,
      set: (dialect, handler) => {
        handlers.set(dialect, handler);
      },
    };
  },
  deriveConstraint: ({ headers }) => (isAnthropicClient(headers) ? 'anthropic' : undefined),
};
