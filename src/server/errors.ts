// From any error to what a client is told: status, code, message and field. The dialects turn this into their own bodies.
import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import { CompileError, EspalierError, RequestError } from '../errors.js';
import { describeValidation } from './validation.js';

/** An error that the server itself answers with a certain status. */
export class HttpError extends EspalierError {
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, options: { retryAfter?: number } = {}) {
    super(code, message);
    this.status = status;
    this.retryAfter = options.retryAfter;
  }
}

/** What a client is told of an error. */
export interface Problem {
  readonly status: number;
  readonly message: string;
  readonly code: string;
  /** The field at fault, if one is. */
  readonly param: string | null;
  /** Seconds after which to try again. */
  readonly retryAfter?: number;
}

/** Statuses of codes that are not the engine's fault: too much at once, too late, a chat that the template refuses. */
const engineStatuses: ReadonlyMap<string, { status: number; retryAfter?: number }> = new Map([
  ['queue_full', { status: 429, retryAfter: 1 }],
  ['engine_closed', { status: 503 }],
  ['aborted', { status: 503 }],
  ['no_chat_template', { status: 400 }],
  ['template_error', { status: 400 }],
]);

/** What a dialect's route can add to an error. */
export interface ErrorScope {
  /** Most bytes of a body, named where one is over it. */
  readonly bodyLimit?: number;
  /** The engine's names of request fields -> the dialect's. */
  readonly fieldNames?: Readonly<Record<string, string>>;
}

export function describeError(error: unknown, scope: ErrorScope = {}): Problem {
  if (error instanceof HttpError) {
    const { status, message, code, retryAfter } = error;
    return { status, message, code, param: null, ...(retryAfter !== undefined && { retryAfter }) };
  }
  if (error instanceof CompileError)
    return { status: 400, message: error.message, code: error.code, param: null };
  if (error instanceof EspalierError) return describeEngineError(error, scope);
  if (isFastifyError(error)) return describeFastifyError(error, scope);
  return {
    status: 500,
    message: 'an internal error ended this request; the log has it',
    code: 'internal_error',
    param: null,
  };
}

function describeEngineError(error: EspalierError, { fieldNames = {} }: ErrorScope): Problem {
  const { message, code } = error;
  const known = engineStatuses.get(code);
  if (known) return { ...known, message, code, param: null };
  if (!(error instanceof RequestError)) return { status: 500, message, code, param: null };
  const { param = null } = error;
  const renamed = param === null ? undefined : fieldNames[param];
  if (renamed === undefined) return { status: 400, message, code, param };
  const start = `${param}: `;
  const retold = message.startsWith(start) ? `${renamed}: ${message.slice(start.length)}` : message;
  return { status: 400, message: retold, code, param: renamed };
}

type WithValidation = FastifyError & { validation?: FastifySchemaValidationError[] };

function isFastifyError(error: unknown): error is WithValidation {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

function describeFastifyError(error: WithValidation, { bodyLimit }: ErrorScope): Problem {
  const status = error.statusCode ?? 500;
  if (error.validation?.[0])
    return { status, code: 'invalid_value', ...describeValidation(error.validation[0]) };
  const code = error.code.replace(/^FST_ERR_(CTP_)?/, '').toLowerCase();
  const message =
    status === 413 ? `the body is larger than the limit bodyLimit = ${bodyLimit} bytes` : error.message;
  return { status, message, code, param: null };
}
