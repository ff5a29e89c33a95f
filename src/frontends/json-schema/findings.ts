// What a compilation reports beside the grammar: annotations that restrict nothing, and keywords not enforced.
// Strict mode turns the latter into errors; nothing that restricts values is ever left out without a word.
import { CompileError } from '../../errors.js';

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
