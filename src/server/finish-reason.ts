// How an output ended, for dialects that have no word for one that the server ended.
import type { GenerateResult } from '../engine/index.js';
import { HttpError } from './errors.js';

/** @throws HttpError 503 `aborted` for an output that the server ended before it was done. */
export function finishReason({ finishReason: reason }: GenerateResult): 'stop' | 'length' {
  if (reason === 'abort')
    throw new HttpError(503, 'aborted', 'the server ended this request before its output was complete');
  return reason;
}
