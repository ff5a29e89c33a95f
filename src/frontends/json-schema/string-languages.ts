// The languages of `pattern` and `format`: automata over code points, made once per source and kept.
import { type AutomatonLimits, type Dfa, flatOf } from '../../automata/index.js';
import { regexSearchDfa } from '../regex/index.js';
import { BoundedCache } from './bounded-cache.js';
import type { Findings } from './findings.js';
import { formatDfa } from './formats.js';
import { located } from './located.js';
import { openapiNumbers, openapiStrings } from './openapi-formats.js';
import type { NumberRange } from './shape.js';

/** Words of the automata of patterns that are kept in the process. */
const KEPT_WORDS = 1_000_000;
const patterns = new BoundedCache<Dfa>(KEPT_WORDS, (dfa) => flatOf(dfa).edges.length + dfa.accept.length);

/** Which formats restrict values: those of the specification, none, or those of OpenAPI as well. */
export type FormatPolicy = 'enforce' | 'annotate' | 'openapi';

export class StringLanguages {
  readonly #limits: AutomatonLimits;
  readonly #findings: Findings;
  readonly #formats: FormatPolicy;

  constructor(limits: AutomatonLimits, findings: Findings, formats: FormatPolicy) {
    this.#limits = limits;
    this.#findings = findings;
    this.#formats = formats;
  }

  /**
   * The strings in which the pattern finds a match.
   * @throws CompileError `invalid_regex` or `unsupported_regex`; LimitError for a pattern with too many states.
   */
  pattern(source: string, pointer: string, keyword = 'pattern'): Dfa {
    const { maxStates } = this.#limits;
    const limits = maxStates === undefined ? {} : { maxStates };
    return patterns.get(`${maxStates ?? ''}/${source}`, () =>
      located(`${pointer}/${keyword}`, () => regexSearchDfa(source, limits)),
    );
  }

  /**
   * The strings of a format, or undefined for one that is an annotation for strings, which is then listed. `asserts`: the
   * schema's metaschema says that formats restrict, whatever the options say.
   */
  format(name: string, pointer: string, asserts = false): Dfa | undefined {
    let dfa = this.#formats === 'annotate' && !asserts ? undefined : formatDfa(name);
    if (this.#formats === 'openapi') dfa ??= openapiStrings(name);
    if (!dfa && !this.numberFormat(name)) this.#findings.annotate(pointer, 'format');
    return dfa;
  }

  /** The numbers of a format, or undefined for one that restricts none. */
  numberFormat(name: string): NumberRange | undefined {
    return this.#formats === 'openapi' ? openapiNumbers(name) : undefined;
  }
}
