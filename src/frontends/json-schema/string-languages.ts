// The languages of `pattern` and `format`: automata over code points, made once per source and kept.
import type { AutomatonLimits, Dfa } from '../../automata/index.js';
import { regexSearchDfa } from '../regex/index.js';
import type { Findings } from './findings.js';
import { formatDfa, UNSUPPORTED_FORMATS } from './formats.js';
import { located } from './located.js';

/** Automata of patterns kept in the process; the oldest goes first. */
const CACHE_SIZE = 256;
const patterns = new Map<string, Dfa>();

export class StringLanguages {
  readonly #limits: AutomatonLimits;
  readonly #findings: Findings;
  readonly #enforceFormats: boolean;

  constructor(limits: AutomatonLimits, findings: Findings, enforceFormats: boolean) {
    this.#limits = limits;
    this.#findings = findings;
    this.#enforceFormats = enforceFormats;
  }

  /**
   * The strings in which the pattern finds a match.
   * @throws CompileError `invalid_regex` or `unsupported_regex`; LimitError for a pattern with too many states.
   */
  pattern(source: string, pointer: string, keyword = 'pattern'): Dfa {
    const { maxStates } = this.#limits;
    const key = `${maxStates ?? ''}/${source}`;
    let dfa = patterns.get(key);
    if (!dfa) {
      const limits = maxStates === undefined ? {} : { maxStates };
      dfa = located(`${pointer}/${keyword}`, () => regexSearchDfa(source, limits));
      if (patterns.size >= CACHE_SIZE) patterns.delete(patterns.keys().next().value!);
      patterns.set(key, dfa);
    }
    return dfa;
  }

  /**
   * The strings of a format, or undefined for one that is an annotation, which is then listed. `asserts`: the schema's
   * metaschema says that formats restrict, whatever the options say.
   * @throws CompileError `unsupported_keyword` for a format of the specification that cannot be enforced, unless lenient
   */
  format(name: string, pointer: string, asserts = false): Dfa | undefined {
    const enforced = asserts || this.#enforceFormats;
    const dfa = enforced ? formatDfa(name) : undefined;
    if (dfa) return dfa;
    if (enforced && UNSUPPORTED_FORMATS.has(name))
      this.#findings.refuse(pointer, 'format', `is '${name}', which is not enforced yet`);
    else this.#findings.annotate(pointer, 'format');
    return undefined;
  }
}
