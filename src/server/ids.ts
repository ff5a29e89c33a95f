// Ids of answers and calls.
import { randomUUID } from 'node:crypto';

/** A prefix and 32 hexadecimal digits, as in OpenAI's API. */
export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '')}`;
}
