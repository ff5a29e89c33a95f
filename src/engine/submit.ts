// Hands a request to the native engine, and says who takes its events.
import { EngineError, RequestError } from '../errors.js';
import type { NativeEngine, NativeEvent, NativeRequest } from '../native/index.js';

/** What takes the events of one request. */
export interface EventReceiver {
  receive(event: NativeEvent): void;
  /** Nothing more comes: the engine was closed. */
  fail(error: unknown): void;
}

/**
 * Native refusals carry a code; they become typed errors here.
 * @throws RequestError, EngineError
 */
export function submit(native: NativeEngine, request: NativeRequest): void {
  try {
    native.submit(request);
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === 'bad_request') throw new RequestError('invalid_request', message, undefined, { cause });
    throw new EngineError(code ?? 'engine_error', message, { cause });
  }
}
