// OpenAI's error body: {"error": {"message", "type", "param", "code"}}.
import type { Problem } from '../errors.js';

export function openaiErrorBody(problem: Problem): { error: Record<string, string | null> } {
  const { message, param, code } = problem;
  return { error: { message, type: errorType(problem.status), param, code } };
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
