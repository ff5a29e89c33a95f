// The languages of `pattern` and `format`: automata over code points, made once per source and kept.
import { type Dfa, flatOf } from '../../automata/index.js';
import { type RegexOptions, regexSearchDfa } from '../regex/index.js';
import { BoundedCache } from './bounded-cache.js';
import { type ContentPolicy, contentLanguage } from './content.js';
import type { Dialect } from './documents.js';
import type { Findings } from './findings.js';
import { formatDfa, wholeFormat } from './formats.js';
import type { JsonObject } from './json-value.js';
import { located } from './located.js';
import { openapiNumbers, openapiStrings } from './openapi-formats.js';
import type { NumberRange, WholeFormat } from './shape.js';

/** Words of the automata of patterns that are kept in the process. */
const KEPT_WORDS = 1_000_000;
const patterns = new BoundedCache<Dfa>(KEPT_WORDS, (dfa) => flatOf(dfa).edges.length + dfa.accept.length);

/** Which formats restrict values: those of the specification, none, or those of OpenAPI as well. */
export type FormatPolicy = 'enforce' | 'annotate' | 'openapi';

/** The strings of a format: an automaton, and what goes beyond it where nothing else restricts them. */
export interface FormatLanguage {
  readonly language: Dfa;
  readonly whole: WholeFormat | undefined;
}

export class StringLanguages {
  readonly #regex: Pick<RegexOptions, 'maxStates' | 'regexSyntax'>;
  readonly #findings: Findings;
  readonly #formats: FormatPolicy;
  /** Whether content keywords restrict strings. */
  readonly contentPolicy: ContentPolicy;

  constructor(
    regex: Pick<RegexOptions, 'maxStates' | 'regexSyntax'>,
    findings: Findings,
    formats: FormatPolicy,
    contentPolicy: ContentPolicy,
  ) {
    this.contentPolicy = contentPolicy;
    this.#regex = regex;
    this.#findings = findings;
    this.#formats = formats;
  }

  /**
   * The strings in which the pattern finds a match.
   * @throws CompileError `invalid_regex` or `unsupported_regex`; LimitError for a pattern with too many states.
   */
  pattern(source: string, pointer: string, keyword = 'pattern'): Dfa {
    const { maxStates, regexSyntax } = this.#regex;
    const options = {
      ...(maxStates === undefined ? {} : { maxStates }),
      ...(regexSyntax === undefined ? {} : { regexSyntax }),
    };
    return patterns.get(`${maxStates ?? ''}/${regexSyntax ?? ''}/${source}`, () =>
      located(`${pointer}/${keyword}`, () => regexSearchDfa(source, options)),
    );
  }

  /**
   * The strings of a format, or undefined for one that is an annotation for strings, which is then listed. The dialect may
   * say that formats restrict, whatever the options say.
   */
  format(name: string, pointer: string, dialect: Dialect): FormatLanguage | undefined {
    const asserts = this.#formats !== 'annotate' || dialect.assertsFormats;
    let language = asserts ? formatDfa(name, dialect.draft) : undefined;
    if (this.#formats === 'openapi') language ??= openapiStrings(name);
    if (language) return { language, whole: wholeFormat(name, language) };
    if (!this.numberFormat(name)) this.#findings.annotate(pointer, 'format');
    return undefined;
  }

  /** The strings that `contentEncoding` and `contentMediaType` allow; undefined where they restrict none. */
  content(schema: JsonObject, pointer: string): FormatLanguage | undefined {
    return contentLanguage(schema, pointer, this.contentPolicy, this.#findings);
  }

  /** The numbers of a format, or undefined for one that restricts none. */
  numberFormat(name: string): NumberRange | undefined {
    return this.#formats === 'openapi' ? openapiNumbers(name) : undefined;
  }
}
