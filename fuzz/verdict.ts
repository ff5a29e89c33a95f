// How a reader of images ends: the same word for both readers.
import { LimitError } from '../src/errors.js';

/** `read`, or the code of the refusal. A limit is met while the start is closed, so it counts as read. */
export function verdict(open: () => unknown): string {
  try {
    open();
    return 'read';
  } catch (error) {
    const { code } = error as { code?: string };
    if (error instanceof LimitError || code === 'limit_exceeded') return 'read';
    if (code === undefined) throw error;
    return code;
  }
}
