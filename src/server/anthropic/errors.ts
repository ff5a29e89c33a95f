// Anthropic's error body: {"type": "error", "error": {"type", "message"}, "request_id"}.
import type { Problem } from '../errors.js';

const types: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
]);

export function anthropicErrorBody(problem: Problem, { id }: { readonly id: string }): object {
  const { status } = problem;
  const type = types.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message: retold(problem.message) }, request_id: id };
}

/** Checks of tools know OpenAI's form, where what Anthropic's has beside the name lies in `function`. */
function retold(message: string): string {
  return message.replaceAll(/\btools\[(\d+)\]\.function\.(\w+)/g, (_, index: string, field: string) => {
    return `tools[${index}].${field === 'parameters' ? 'input_schema' : field}`;
  });
}
