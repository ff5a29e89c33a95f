// Errors of the automata and of the regex front end know no schema; here they get the pointer they come from.
import { CompileError } from '../../errors.js';

/** Runs `build`; a CompileError without a place in the schema is rethrown, as itself, with this one. */
export function located<T>(pointer: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw placed(error, pointer);
  }
}

/** The error itself; a CompileError without a place in the schema has this one from now on. */
export function placed(error: unknown, pointer: string): unknown {
  if (error instanceof CompileError && error.location.pointer === undefined) {
    Object.assign(error, {
      message: `${error.message} at #${pointer}`,
      location: { ...error.location, pointer },
    });
  }
  return error;
}
