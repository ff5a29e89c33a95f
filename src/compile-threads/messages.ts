// What a compile thread and its owner say to each other, and errors as values that can be sent.
import type { CompiledParts, CompileJob } from '../compile/index.js';
import {
  CompileError,
  type CompileErrorCode,
  LimitError,
  RequestError,
  type SourceLocation,
} from '../errors.js';

/** To the thread: one job at a time. */
export type CompileRequest = CompileJob;

/** From the thread. The image's buffer is handed over, not copied. */
export type CompileReply = { readonly parts: CompiledParts } | { readonly error: SentError };

/** An error of compiling; its class is told by what it holds. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: string;
  readonly location?: SourceLocation;
  readonly limit?: string;
  readonly param?: string;
}

export function sendError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    message: error.message,
    stack: error.stack,
    ...(error instanceof CompileError && { code: error.code, location: error.location }),
    ...(error instanceof LimitError && { limit: error.limit }),
    ...(error instanceof RequestError && { code: error.code, ...(error.param && { param: error.param }) }),
  };
}

/** The error again: a CompileError, LimitError or RequestError as it was thrown; a fault of the compiler as an Error. */
export function receiveError(sent: SentError): Error {
  const error = newError(sent);
  error.message = sent.message; // as it was told where it was made, with its place
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

function newError({ message, code, location, limit, param }: SentError): Error {
  if (limit !== undefined) return new LimitError(limit, 0, message, location);
  if (location !== undefined) return new CompileError(code as CompileErrorCode, message, location);
  return code === undefined ? new Error(message) : new RequestError(code, message, param);
}
