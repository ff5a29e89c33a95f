// The error handler of a dialect: describes the error, writes the dialect's body, and logs what is the server's fault.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { describeError, type Problem } from './errors.js';

/** Sets the error handler of `app`'s scope; `fieldNames` tells the dialect's names of the engine's fields. */
export function answerErrors(
  app: FastifyInstance,
  toBody: (problem: Problem) => object,
  fieldNames: Readonly<Record<string, string>> = {},
): void {
  const { bodyLimit } = app.initialConfig;
  app.setErrorHandler((error, request, reply) => {
    const problem = describeError(error, { fieldNames, ...(bodyLimit !== undefined && { bodyLimit }) });
    if (problem.status >= 500) request.log.error(error);
    return sendProblem(reply, problem, toBody);
  });
}

export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  toBody: (problem: Problem) => object,
): FastifyReply {
  if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter);
  return reply.code(problem.status).send(toBody(problem));
}
