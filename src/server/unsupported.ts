// Fields that clients know and this server does not do yet. A value that asks for something is refused by name;
// a value that asks for nothing (the documented default, or null) passes.
import { RequestError } from '../errors.js';

export interface UnsupportedField {
  readonly name: string;
  /** Values, besides null and a missing field, that ask for nothing. */
  readonly inert?: readonly unknown[] | ((value: unknown) => boolean);
  /** What to do instead. */
  readonly instead?: string;
}

/** For fields where an empty string, list or object asks for nothing. */
export function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** @throws RequestError `unsupported_parameter` for the first field whose value asks for what is not supported. */
export function refuseUnsupported(
  body: Readonly<Record<string, unknown>>,
  fields: readonly UnsupportedField[],
  prefix = '',
): void {
  for (const { name, inert, instead } of fields) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof inert === 'function' ? inert(value) : inert?.includes(value)) continue;
    const param = prefix + name;
    throw new RequestError(
      'unsupported_parameter',
      `${param} is not supported${Array.isArray(inert) && inert.length > 0 ? ` with this value; only ${inert.map((v) => JSON.stringify(v)).join(' or ')} is` : ''}${instead ? `: ${instead}` : ''}`,
      param,
    );
  }
}
