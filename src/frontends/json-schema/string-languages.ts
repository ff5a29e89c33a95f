// The languages of `pattern` and `format`: automata over code points, made once per source and kept.
import type { AutomatonLimits, Dfa } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { regexSearchDfa } from '../regex/index.js';
import type { Findings } from './findings.js';
import { formatDfa } from './formats.js';

export class StringLanguages {
  readonly #limits: AutomatonLimits;
  readonly #findings: Findings;
  readonly #patterns = new Map<string, Dfa>();

  constructor(limits: AutomatonLimits, findings: Findings) {
    this.#limits = limits;
    this.#findings = findings;
  }

  /**
   * The strings in which the pattern finds a match.
   * @throws CompileError `invalid_regex` or `unsupported_regex`; LimitError for a pattern with too many states.
   */
  pattern(source: string, pointer: string): Dfa {
    let dfa = this.#patterns.get(source);
    if (!dfa) {
      dfa = locate(`${pointer}/pattern`, 'pattern', () =>
        regexSearchDfa(source, { ...this.#limits, flags: 'u' }),
      );
      this.#patterns.set(source, dfa);
    }
    return dfa;
  }

  /** The strings of a format, or undefined for one that is an annotation, which is then listed. */
  format(name: string, pointer: string): Dfa | undefined {
    const dfa = formatDfa(name);
    if (!dfa) this.#findings.annotate(pointer, 'format');
    return dfa;
  }
}

/** Runs `build` and gives its errors the pointer of the schema they come from. */
function locate<T>(pointer: string, keyword: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof CompileError) || error.location.pointer !== undefined) throw error;
    throw new CompileError(
      error.code,
      error.message,
      { ...error.location, pointer, keyword },
      { cause: error },
    );
  }
}
