// Compiles one case and holds it to its labels. A CompileError is a refusal; any other exception is a crash.
import type { CompiledGrammar, CompileOptions, GrammarSource } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import type { Case, Failure, Judgement, Outcome, Verdicts } from './case.js';
import { classifyParts } from './token-parts.js';
import { judgeTools, type ToolJudgement, type ToolTask } from './tool-calls.js';

/** Which judgements of an output depend on its label: the calls and the text. */
const LABELLED_PARTS: readonly number[] = [0, 4];

/** What a compiled source is asked; only judgements of tokens need a matcher. */
type Judged = Pick<CompiledGrammar, 'classify'> & Partial<Pick<CompiledGrammar, 'matcher'>>;
export type Compile = (source: GrammarSource, options?: CompileOptions) => Judged;

/** What compiling came to. An unsatisfiable source is not refused: it is understood, and nothing matches it. */
type Compiled =
  | { readonly state: 'compiled'; readonly grammar: Judged }
  | { readonly state: 'empty' }
  | { readonly state: 'refused'; readonly reason: string }
  | { readonly state: 'crashed'; readonly reason: string };

/** Judges every test of a case; never throws. */
export function judge(testCase: Case, compile: Compile): Verdicts {
  const start = performance.now();
  if (testCase.tools) return judgeToolCase(testCase, testCase.tools, start);
  const compiled = compileCase(testCase, compile);
  const compileMillis = performance.now() - start;
  const counts: Record<Outcome, number> = { right: 0, wrong: 0, refused: 0, crashed: 0 };
  const failures: Failure[] = [];
  let refusal = compiled.state === 'refused' ? compiled.reason : undefined;
  for (const judgement of testCase.judgements) {
    const [outcome, got] = judgeOne(judgement, compiled);
    counts[outcome]++;
    if (outcome === 'refused') refusal ??= got;
    if (outcome === 'wrong' || outcome === 'crashed')
      failures.push(failure(testCase, judgement, outcome, got));
  }
  const { id, kind, unjudged } = testCase;
  const verdicts = { id, kind, counts, unjudged, failures, compileMillis };
  return refusal === undefined ? verdicts : { ...verdicts, refusal };
}

/** What a case that was given up on counts as: all its tests crashed. */
export function crashedCase(testCase: Case, reason: string, millis: number): Verdicts {
  const { id, kind, unjudged, judgements } = testCase;
  return {
    id,
    kind,
    unjudged,
    counts: { right: 0, wrong: 0, refused: 0, crashed: judgements.length },
    failures: judgements.map((judgement) => failure(testCase, judgement, 'crashed', reason)),
    compileMillis: millis,
  };
}

function judgeToolCase(testCase: Case, task: ToolTask, start: number): Verdicts {
  const counts: Record<Outcome, number> = { right: 0, wrong: 0, refused: 0, crashed: 0 };
  const failures: Failure[] = [];
  const { id, kind, isAdvisory = false } = testCase;
  let refusal: string | undefined;
  let judged: readonly ToolJudgement[];
  try {
    judged = judgeTools(task);
  } catch (error) {
    return crashedCase(testCase, describe(error), performance.now() - start);
  }
  let unjudged = 0;
  judged.forEach(([outcome, expect, got], index) => {
    if (isAdvisory && LABELLED_PARTS.includes(index)) unjudged++;
    else counts[outcome]++;
    if (outcome === 'refused') refusal = got;
    else if (outcome === 'wrong' && !(isAdvisory && LABELLED_PARTS.includes(index)))
      failures.push({ id, kind, outcome, expect, got, ...('text' in task && { text: task.text }) });
  });
  const compileMillis = performance.now() - start;
  return { id, kind, counts, unjudged, failures, compileMillis, ...(refusal !== undefined && { refusal }) };
}

function compileCase({ source, options }: Case, compile: Compile): Compiled {
  if (!source) throw new Error('a case without a source');
  try {
    return { state: 'compiled', grammar: compile(source, options) };
  } catch (error) {
    if (!(error instanceof CompileError)) return { state: 'crashed', reason: describe(error) };
    return error.code === 'unsatisfiable'
      ? { state: 'empty' }
      : { state: 'refused', reason: describe(error) };
  }
}

function judgeOne({ expect, text = '', parts }: Judgement, compiled: Compiled): [Outcome, got: string] {
  switch (compiled.state) {
    case 'crashed':
      return ['crashed', compiled.reason];
    case 'refused':
      return [expect === 'refused' ? 'right' : 'refused', compiled.reason];
    case 'empty': {
      const fits = expect === 'reject' || expect === 'compiles' || expect === 'refused';
      return [fits ? 'right' : 'wrong', 'unsatisfiable'];
    }
    case 'compiled':
      break;
  }
  if (expect === 'compiles') return ['right', 'compiled'];
  if (expect === 'refused') return ['wrong', 'compiled'];
  try {
    const { grammar } = compiled;
    const verdict =
      parts && grammar.matcher
        ? classifyParts((vocabulary) => grammar.matcher!(vocabulary), parts)
        : grammar.classify(text);
    const fits =
      expect === 'viable' ? verdict !== 'dead' : (verdict === 'accepted') === (expect === 'accept');
    return [fits ? 'right' : 'wrong', verdict];
  } catch (error) {
    return [error instanceof CompileError ? 'refused' : 'crashed', describe(error)];
  }
}

function failure(
  { id, kind }: Case,
  { expect, text, parts, note }: Judgement,
  outcome: 'wrong' | 'crashed',
  got: string,
): Failure {
  const shown = typeof text === 'string' ? text : text && Buffer.from(text).toString('latin1');
  return {
    id,
    kind,
    outcome,
    expect,
    got,
    ...(shown === undefined ? {} : { text: shown }),
    ...(parts === undefined ? {} : { text: JSON.stringify(parts) }),
    ...(note === undefined ? {} : { note }),
  };
}

/** A refusal by its code and keyword, so that equal reasons count together; other errors in full. */
function describe(error: unknown): string {
  if (!(error instanceof CompileError))
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { keyword } = error.location;
  return keyword === undefined ? `${error.code}: ${error.message}` : `${error.code}: ${keyword}`;
}
