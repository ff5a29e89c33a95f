// What happens to errors: the handler of a dialect writes them in its form; what is the server's own fault is logged.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, type Problem } from './errors.js';
import { recordFor } from './ops/request-record.js';

/** A dialect's body of an error. */
export type ErrorBody = (problem: Problem, request: FastifyRequest) => object;

/** Sets the error handler of `app`'s scope; `fieldNames` tells the dialect's names of the engine's fields. */
export function answerErrors(
  app: FastifyInstance,
  toBody: ErrorBody,
  fieldNames: Readonly<Record<string, string>> = {},
): void {
  const { bodyLimit } = app.initialConfig;
  app.setErrorHandler((error, _request, reply) => {
    const problem = describeError(error, { fieldNames, ...(bodyLimit !== undefined && { bodyLimit }) });
    logFault(reply, problem, error);
    return sendProblem(reply, problem, toBody);
  });
}

/** Remembers the error for the request's log line; what is the server's own fault is logged by itself, unless the client is gone and with it the request. */
export function logFault(reply: FastifyReply, problem: Problem, error: unknown): void {
  recordFor(reply.request).error = problem.code;
  if (problem.status === 500 && !reply.raw.destroyed) reply.log.error(error);
}

export function sendProblem(reply: FastifyReply, problem: Problem, toBody: ErrorBody): FastifyReply {
  recordFor(reply.request).error = problem.code;
  if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter);
  return reply.code(problem.status).send(toBody(problem, reply.request));
}
