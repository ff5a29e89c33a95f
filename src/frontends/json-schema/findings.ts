// What a compilation reports beside the grammar: annotations that restrict nothing, and keywords not enforced.
// Strict mode turns the latter into errors; nothing that restricts values is ever left out without a word.
import { CompileError } from '../../errors.js';
import type { SharedPlace } from './terms.js';

export interface Annotation {
  readonly pointer: string;
  readonly keyword: string;
}

export interface Unenforced {
  readonly pointer: string;
  readonly keyword: string;
  readonly reason: string;
}

export class Findings {
  readonly annotations: Annotation[] = [];
  readonly unenforced: Unenforced[] = [];
  readonly #lenient: boolean;

  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  annotate(pointer: string, keyword: string): void {
    this.annotations.push({ pointer: `${pointer}/${keyword}`, keyword });
  }

  /**
   * Refuses a keyword of the schema at `pointer` by name; in lenient mode lists it instead.
   * @throws CompileError `unsupported_keyword` unless lenient.
   */
  refuse(pointer: string, keyword: string, reason: string): void {
    this.refuseAt(`${pointer}/${keyword}`, keyword, reason);
  }

  /** The same where the keyword's own place is not known: at the schema that it makes impossible to write. */
  refuseAt(at: string, keyword: string, reason: string): void {
    if (!this.#lenient) {
      throw new CompileError(
        'unsupported_keyword',
        `'${keyword}' ${reason}; remove it, or compile with lenient: true to go on without it`,
        { pointer: at, keyword },
      );
    }
    this.unenforced.push({ pointer: at, keyword, reason });
  }
}

/** What was found, also where a schema stands that another one, of the same content, was read for. */
export function atEveryPlace<F extends Annotation>(
  found: readonly F[],
  shared: readonly SharedPlace[],
): readonly F[] {
  if (found.length === 0 || shared.length === 0) return found;
  const places = new Map<string, string[]>();
  for (const { first, pointer } of shared) {
    const known = places.get(first);
    if (known) known.push(pointer);
    else places.set(first, [pointer]);
  }
  const key = ({ pointer, keyword }: F) => `${pointer} ${keyword}`;
  const everywhere = new Map(found.map((one) => [key(one), one]));
  for (const one of everywhere.values()) {
    const { pointer } = one;
    for (
      let end = pointer.length;
      end >= 0;
      end = end === 0 ? -1 : Math.max(0, pointer.lastIndexOf('/', end - 1))
    )
      for (const place of places.get(pointer.slice(0, end)) ?? []) {
        const copy = { ...one, pointer: place + pointer.slice(end) };
        if (!everywhere.has(key(copy))) everywhere.set(key(copy), copy);
      }
  }
  return [...everywhere.values()];
}
