// The playground's form of an error: as SGLang's routes have it, with the place in the constraint's source.
import type { FastifyInstance } from 'fastify';
import { CompileError } from '../../errors.js';
import { logFault, sendProblem } from '../error-handler.js';
import { describeError, type Problem } from '../errors.js';
import type { ErrorView, PlaceView } from './protocol.js';

export function playgroundErrorBody({ message, code, param }: Problem): { readonly error: ErrorView } {
  return { error: { message, code, param } };
}

/** Sets the error handler of `app`'s scope. */
export function answerPlaygroundErrors(app: FastifyInstance): void {
  const { bodyLimit } = app.initialConfig;
  app.setErrorHandler((error, _request, reply) => {
    const problem = describeError(error, bodyLimit === undefined ? {} : { bodyLimit });
    logFault(reply, problem, error);
    return sendProblem(reply, problem, (told) =>
      error instanceof CompileError ? { error: compileErrorView(error) } : playgroundErrorBody(told),
    );
  });
}

export function compileErrorView(error: CompileError): ErrorView {
  const { message, code, param } = describeError(error);
  const place = placeOf(error);
  return { message, code, param, ...(place && { place }) };
}

function placeOf({ location: { pointer, line, column } }: CompileError): PlaceView | undefined {
  if (pointer !== undefined) return { pointer };
  if (line === undefined && column === undefined) return undefined;
  return { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
}
