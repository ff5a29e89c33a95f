// Errors of tool definitions, which name tools[i].function as the chat layer has them, in the terms of the client's own tools.
import { RequestError } from '../../errors.js';

/** The field of the client's body for `field`, which stands behind `tools[index]`. */
export type ToolField = (index: number, field: string) => string;

/** The same error about the client's field; others come back as they are. */
export function toldInTerms(error: unknown, fieldOf: ToolField): unknown {
  const found = error instanceof RequestError && /^tools\[(\d+)\]/.exec(error.param ?? '');
  if (!found) return error;
  const { code, message, param = '' } = error;
  const field = fieldOf(Number(found[1]), param.slice(found[0].length));
  const told = message.startsWith(param) ? field + message.slice(param.length) : message;
  return new RequestError(code, told, field, { cause: error });
}

/** What `work` throws, told so. */
export function inTermsOf<T>(fieldOf: ToolField, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toldInTerms(error, fieldOf);
  }
}
