// Errors of the front ends that read parts of a structural tag, placed in the tag.
import { CompileError, LimitError } from '../../errors.js';

/**
 * What `read` gives; its CompileErrors get the place of the part in the tag. A place inside the part, such as a line, stays
 * in the message; a limit keeps its own.
 */
export function within<T>(pointer: string, field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CompileError) || error instanceof LimitError) throw error;
    const { keyword, pointer: inside } = error.location;
    const message = inside === undefined ? error.message : error.message.replace(` at #${inside}`, '');
    throw new CompileError(
      error.code,
      message,
      { pointer: `${pointer}${field}${inside ?? ''}`, ...(keyword !== undefined && { keyword }) },
      { cause: error },
    );
  }
}
