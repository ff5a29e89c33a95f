// Anthropic's error body: {"type": "error", "error": {"type", "message", "details": {"error_code"}}, "request_id"}.
import type { Problem } from '../errors.js';

const types: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
]);

export function anthropicErrorBody(problem: Problem, { id }: { readonly id: string }): object {
  const { status, code, message } = problem;
  const type = types.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const error = { type, message: retold(message), details: { error_code: code } };
  return { type: 'error', error, request_id: id };
}

/** Checks of tools know OpenAI's form, where what Anthropic's has beside the name lies in `function`. */
function retold(message: string): string {
  return message.replaceAll(/\btools\[(\d+)\]\.function\.(\w+)/g, (_, index: string, field: string) => {
    return `tools[${index}].${field === 'parameters' ? 'input_schema' : field}`;
  });
}
