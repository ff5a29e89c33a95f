// What dialects refuse alike of a choice of tools.
import { RequestError } from '../errors.js';

/** Of a choice that asks for a call where there is nothing to call. */
export function nothingToCall(): RequestError {
  return new RequestError(
    'invalid_tool_choice',
    'tool_choice asks for a call, but there are no tools',
    'tool_choice',
  );
}
