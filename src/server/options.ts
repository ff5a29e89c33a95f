// The server's options, their defaults, and the filled-in form that the rest of the server reads.
import { RequestError } from '../errors.js';
import {
  findReasoningFormat,
  findToolFormat,
  type ReasoningFormat,
  reasoningFormatNames,
  type ToolCallFormat,
  toolFormatNames,
} from '../tools/index.js';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface ServerOptions {
  /** When given, every route but those of health and metrics asks for `Authorization: Bearer <apiKey>`; any of several is right. */
  readonly apiKey?: string | readonly string[];
  /** Opens every route; when given, only it opens /flush_cache and /abort_request. */
  readonly adminApiKey?: string;
  /** Least level of log lines, as JSON on standard error; default `silent`. */
  readonly logLevel?: LogLevel;
  /** Log lines of requests hold their bodies, prompts and all; default false. */
  readonly logRequests?: boolean;
  /** Answer GET /metrics; default true. */
  readonly metrics?: boolean;
  /**
   * Names that the `Host` of a request may have beside this machine's (localhost, addresses), `*` for all; default: where the
   * server listens to this machine alone and has no API key, none, else all.
   */
  readonly allowedHosts?: readonly string[];
  /** Origins of web pages that browsers may let call the server, `*` for all; default none. */
  readonly corsOrigins?: readonly string[];
  /** The model's name in answers; default: the engine's model id. */
  readonly servedModelName?: string;
  /** Function-call format of the model; default `auto`: the one that its chat template asks for, else hermes. */
  readonly toolCallFormat?: string;
  /**
   * How the model writes its thinking, which answers tell apart and constraints leave free; default `auto`: as its chat
   * template has it. `none`: thinking is text like other text.
   */
  readonly reasoningFormat?: string;
  /** Whether the playground is served at `/`; default true. It shows the text of cached prompts. */
  readonly playground?: boolean;
  /** Most bytes of a request body; default 8 MiB. */
  readonly bodyLimit?: number;
  /** Deepest nesting of a request body; default 256. */
  readonly maxBodyDepth?: number;
  /** Most tools in one request; default 128. */
  readonly maxTools?: number;
  /** Most prompts in one /generate request; default 512. */
  readonly maxBatch?: number;
  /** Most responses that are kept for `previous_response_id`; default 1,024, 0 for none. */
  readonly maxStoredResponses?: number;
  /** Most bytes of kept responses, as JSON; default 64 MiB. */
  readonly maxStoredBytes?: number;
  /** Milliseconds since its last use after which a kept response is dropped; default an hour. */
  readonly storedResponseTtl?: number;
  /** Most background responses that run or wait at once; default 256. */
  readonly maxBackgroundResponses?: number;
  /** Most bytes of a schema, grammar or expression, or of all tools' definitions, as text; default 2 MiB. */
  readonly maxSchemaBytes?: number;
  /** Most requests being answered or waiting at once; default 2,048. The engine has a queue of its own behind this. */
  readonly maxConcurrentRequests?: number;
  /** Milliseconds from a request's coming until its output is complete, else it ends with an error; default 0: no limit. */
  readonly answerTimeout?: number;
  /** Milliseconds after which a client that reads nothing of its answer is cut; default 60,000, 0: never. */
  readonly slowReaderTimeout?: number;
  /** Milliseconds that a client has to send a whole request; default 60,000. */
  readonly requestTimeout?: number;
  /** Milliseconds that running requests get to finish when the server closes; default 30,000. */
  readonly drainTimeout?: number;
  /** Milliseconds within which /health_generate wants a token; default 20,000. */
  readonly healthTimeout?: number;
}

export interface ServerSettings {
  readonly apiKeys: readonly string[];
  readonly adminApiKey: string | undefined;
  readonly logLevel: LogLevel;
  readonly logRequests: boolean;
  readonly metrics: boolean;
  readonly allowedHosts: readonly string[] | undefined;
  readonly corsOrigins: readonly string[];
  readonly servedModelName: string | undefined;
  /** Undefined: the chat template tells it. */
  readonly toolCallFormat: ToolCallFormat | undefined;
  /** `auto`: the chat template tells it. */
  readonly reasoningFormat: ReasoningFormat | 'auto' | undefined;
  readonly playground: boolean;
  readonly bodyLimit: number;
  readonly maxBodyDepth: number;
  readonly maxTools: number;
  readonly maxBatch: number;
  readonly maxStoredResponses: number;
  readonly maxStoredBytes: number;
  readonly storedResponseTtl: number;
  readonly maxBackgroundResponses: number;
  readonly maxSchemaBytes: number;
  readonly maxConcurrentRequests: number;
  readonly answerTimeout: number;
  readonly slowReaderTimeout: number;
  readonly requestTimeout: number;
  readonly drainTimeout: number;
  readonly healthTimeout: number;
}

/** @throws RequestError `invalid_option` for an unknown format of calls or of thinking. */
export function fillOptions(options: ServerOptions): ServerSettings {
  const formatName = options.toolCallFormat ?? 'auto';
  const toolCallFormat = findToolFormat(formatName);
  if (!toolCallFormat && formatName !== 'auto')
    throw new RequestError(
      'invalid_option',
      `unknown tool-call format '${formatName}'; known are auto, ${toolFormatNames().join(', ')}`,
      'toolCallFormat',
    );
  return {
    apiKeys: typeof options.apiKey === 'string' ? [options.apiKey] : (options.apiKey ?? []),
    adminApiKey: options.adminApiKey,
    logLevel: options.logLevel ?? 'silent',
    logRequests: options.logRequests ?? false,
    metrics: options.metrics ?? true,
    allowedHosts: options.allowedHosts,
    corsOrigins: options.corsOrigins ?? [],
    servedModelName: options.servedModelName,
    toolCallFormat,
    reasoningFormat: readReasoningFormat(options.reasoningFormat ?? 'auto'),
    playground: options.playground ?? true,
    bodyLimit: options.bodyLimit ?? 8 * 1024 * 1024,
    maxBodyDepth: options.maxBodyDepth ?? 256,
    maxTools: options.maxTools ?? 128,
    maxBatch: options.maxBatch ?? 512,
    maxStoredResponses: options.maxStoredResponses ?? 1024,
    maxStoredBytes: options.maxStoredBytes ?? 64 * 1024 * 1024,
    storedResponseTtl: options.storedResponseTtl ?? 3_600_000,
    maxBackgroundResponses: options.maxBackgroundResponses ?? 256,
    maxSchemaBytes: options.maxSchemaBytes ?? 2 * 1024 * 1024,
    maxConcurrentRequests: options.maxConcurrentRequests ?? 2048,
    answerTimeout: options.answerTimeout ?? 0,
    slowReaderTimeout: options.slowReaderTimeout ?? 60_000,
    requestTimeout: options.requestTimeout ?? 60_000,
    drainTimeout: options.drainTimeout ?? 30_000,
    healthTimeout: options.healthTimeout ?? 20_000,
  };
}

function readReasoningFormat(name: string): ServerSettings['reasoningFormat'] {
  if (name === 'auto') return 'auto';
  const format = findReasoningFormat(name);
  if (format || name === 'none') return format;
  throw new RequestError(
    'invalid_option',
    `unknown reasoning format '${name}'; known are auto, none, ${reasoningFormatNames().join(', ')}`,
    'reasoningFormat',
  );
}
