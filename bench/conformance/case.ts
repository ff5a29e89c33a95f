// What every suite row becomes: something to compile, and judgements about it. Written by the adapters, read by the judge.
import type { CompileOptions, GrammarSource } from '../../src/compile/index.js';
import type { ToolTask } from './tool-calls.js';

/**
 * What is expected of one text, or of the compilation itself:
 * `accept`, `reject`: the text is, or is not, a sentence. `viable`: it is a sentence or the beginning of one.
 * `compiles`: the source has no fault. `refused`: the source is at fault and must not compile.
 */
export type Expectation = 'accept' | 'reject' | 'viable' | 'compiles' | 'refused';

export type TokenPart = string | { readonly token: number };

export interface Judgement {
  readonly expect: Expectation;
  /** Absent for `compiles` and `refused`. */
  readonly text?: string | Uint8Array;
  /** In place of a text, tokens by id and texts between them; read token by token over a vocabulary made of them. */
  readonly parts?: readonly TokenPart[];
  readonly note?: string;
}

export interface Case {
  readonly id: string;
  /** What it is counted under. */
  readonly kind: string;
  /** Absent for cases of function calling. */
  readonly source?: GrammarSource;
  /** What is asked of a function-call format, in place of a source. */
  readonly tools?: ToolTask;
  /** Whether the labels of the row are advice: then only what needs none is judged. */
  readonly isAdvisory?: boolean;
  readonly options?: CompileOptions;
  readonly judgements: readonly Judgement[];
  /** Tests of the row that have no label we can be held to. */
  readonly unjudged: number;
}

/** How a judgement ended. */
export type Outcome = 'right' | 'wrong' | 'refused' | 'crashed';

export interface Failure {
  readonly id: string;
  readonly kind: string;
  readonly outcome: 'wrong' | 'crashed';
  /** What was expected, in words or as the judgement has it. */
  readonly expect: string;
  readonly got: string;
  readonly text?: string;
  readonly note?: string;
}

/** One judged case. */
export interface Verdicts {
  readonly id: string;
  readonly kind: string;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly unjudged: number;
  readonly failures: readonly Failure[];
  /** Why the source was refused, if it was: code, keyword and message. */
  readonly refusal?: string;
  /** Time to compile, milliseconds. */
  readonly compileMillis: number;
}
