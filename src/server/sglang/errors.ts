// SGLang's error body, {"error": {"message"}}, with our code and field beside the message.
import type { Problem } from '../errors.js';

export function sglangErrorBody({ message, code, param }: Problem): { error: Record<string, string> } {
  return { error: { message, code, ...(param !== null && { param }) } };
}
