// Judges function-call formats: outputs with known calls, read whole and in every way of cutting them; and constraints on
// the tools of a row, by calls that must be sentences and by random sentences, which must read back as valid calls.
import { isDeepStrictEqual } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Machine } from '../../src/automata/index.js';
import { CompileError, RequestError } from '../../src/errors.js';
import { prepareGrammar, toPda } from '../../src/grammar/index.js';
import {
  collect,
  findToolFormat,
  type ParsedOutput,
  type ParserOptions,
  type ToolCallFormat,
  type ToolDefinition,
  type WrittenCall,
} from '../../src/tools/index.js';
import { seededRandom } from '../../test/support/random-schema.js';
import { accepts, marksOf, randomToolSentence } from '../../test/support/tool-sentences.js';
import type { Outcome } from './case.js';
import { inSchemaOrder } from './schema-order.js';

export interface OutputTask {
  readonly task: 'output';
  readonly format: string;
  readonly tools?: readonly ToolDefinition[];
  readonly text: string;
  readonly calls: readonly WrittenCall[];
  /** What may be left as text, white space aside. */
  readonly texts: readonly string[];
}

export interface ConstraintTask {
  readonly task: 'constraint';
  readonly format: string;
  readonly tools: readonly ToolDefinition[];
  readonly valid: readonly (readonly WrittenCall[])[];
}

export type ToolTask = OutputTask | ConstraintTask;
export type ToolJudgement = readonly [outcome: Outcome, expected: string, got: string];

const RANDOM_SPLITS = 200;
const SENTENCES = 3;
/** Seed of the random splits and sentences of every row. */
export const TOOL_SEED = 8;

/** One judgement each of: whole, split in two, split at random, by characters, text; or the constraint's. */
export function judgeTools(task: ToolTask): ToolJudgement[] {
  const format = findToolFormat(task.format);
  if (!format) return [['refused', 'a format', `no format ${task.format}`]];
  return task.task === 'output' ? judgeOutput(format, task) : judgeConstraint(format, task);
}

function judgeOutput(format: ToolCallFormat, { tools, text, calls, texts }: OutputTask): ToolJudgement[] {
  const read = (pieces: readonly string[], unknownTools: ParserOptions['unknownTools'] = 'give') => {
    const parser = format.parser({ ...(tools && { tools }), unknownTools });
    return collect([...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()]);
  };
  // Engines differ in what becomes of a call of an unknown tool; here it is an option.
  const options = (['give', 'drop'] as const).map((option) => ({ option, got: read([text], option) }));
  const fitting = options.find(({ got }) => isDeepStrictEqual(wholeCalls(got), calls));
  const { got: whole, option } = fitting ?? options[0];
  const expected = JSON.stringify(calls);
  const shown = JSON.stringify(whole);
  const same = (name: string, cuts: Iterable<readonly string[]>): ToolJudgement => {
    for (const pieces of cuts)
      if (!isDeepStrictEqual(read(pieces, option), whole))
        return ['wrong', `${name}: as whole, ${shown}`, JSON.stringify([pieces, read(pieces, option)])];
    return ['right', name, ''];
  };
  const left = judgeText(whole, calls, texts);
  return [
    [fitting ? 'right' : 'wrong', expected, shown],
    same('split in two', halves(text)),
    same('split at random', randomPieces(text)),
    same('by characters', [text.split('')]),
    ...(left === undefined ? [] : [[left ? 'right' : 'wrong', texts.join(' or '), shown] as const]),
  ];
}

/**
 * Whether the text left over is the engine's or the writer's, white space aside. Here text behind calls is kept, which some
 * engines drop. Undefined where a call was cut off or left out: it is no text here, and text or nothing elsewhere.
 */
function judgeText(
  whole: ParsedOutput,
  calls: readonly WrittenCall[],
  texts: readonly string[],
): boolean | undefined {
  const spaceless = texts.map((text) => text.replace(/\s/g, ''));
  const left = whole.content.replace(/\s/g, '');
  if (spaceless.includes(left)) return true;
  if (wholeCalls(whole).length < whole.calls.length || (calls.length === 0 && left === '')) return undefined;
  return calls.length > 0 && left.startsWith(spaceless[0]);
}

/** The calls whose arguments are complete: what was cut off is not counted as a call. */
function wholeCalls({ calls }: ParsedOutput): WrittenCall[] {
  return calls.flatMap(({ name, arguments: text }) => {
    try {
      return [{ name, arguments: JSON.parse(text) as WrittenCall['arguments'] }];
    } catch {
      return [];
    }
  });
}

function* halves(text: string): Generator<string[]> {
  for (let at = 1; at < text.length; at++) yield [text.slice(0, at), text.slice(at)];
}

function* randomPieces(text: string): Generator<string[]> {
  const random = seededRandom(TOOL_SEED);
  for (let run = 0; run < RANDOM_SPLITS; run++) {
    const longest = 1 + Math.floor(random() * 24);
    const pieces: string[] = [];
    for (let at = 0; at < text.length; ) {
      const size = 1 + Math.floor(random() * longest);
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    yield pieces;
  }
}

function judgeConstraint(format: ToolCallFormat, { tools, valid }: ConstraintTask): ToolJudgement[] {
  let machine: Machine;
  try {
    const grammar = format.constraint(tools, 'required', { parallel: true });
    machine = new Machine(toPda(prepareGrammar(grammar)));
  } catch (error) {
    if (!(error instanceof RequestError || error instanceof CompileError)) throw error;
    const reason = error.message.replace(/tools\[\d+\]|'[^']*'|#\S+/g, '…');
    return [['refused', 'a constraint', `${error.code}: ${reason}`]];
  }
  const judged: ToolJudgement[] = valid.map((calls) => {
    const text = format.write(calls.map(inOrder(tools)), tools) ?? '';
    return [accepts(machine, text) ? 'right' : 'wrong', 'accepted', text];
  });
  const random = seededRandom(TOOL_SEED);
  const [{ function: tool }] = tools;
  const [name = 'x'] = Object.keys((tool.parameters?.properties as object | undefined) ?? {});
  const marks = marksOf(format, tool.name, name, tools);
  for (let run = 0; run < SENTENCES; run++) {
    const sentence = randomToolSentence(machine, random, marks);
    if (sentence !== undefined) judged.push(judgeSentence(format, tools, sentence));
  }
  return judged;
}

function inOrder(tools: readonly ToolDefinition[]) {
  return ({ name, arguments: values }: WrittenCall): WrittenCall => {
    const schema = tools.find((tool) => tool.function.name === name)?.function.parameters ?? {};
    return { name, arguments: JSON.parse(inSchemaOrder(JSON.stringify(values), JSON.stringify(schema))) };
  };
}

/** A sentence of the constraint reads back as calls alone, whose arguments ajv finds valid. */
function judgeSentence(
  format: ToolCallFormat,
  tools: readonly ToolDefinition[],
  text: string,
): ToolJudgement {
  const parser = format.parser({ tools });
  const output = collect([...parser.push(text), ...parser.finish()]);
  const calls = wholeCalls(output);
  const isWhole = output.content === '' && calls.length > 0 && calls.length === output.calls.length;
  const wrong = calls.find((call) => !isValid(call, tools));
  const right = isWhole && wrong === undefined;
  return [
    right ? 'right' : 'wrong',
    `valid calls in ${JSON.stringify(text)}`,
    JSON.stringify(wrong ?? output),
  ];
}

function isValid(call: WrittenCall, tools: readonly ToolDefinition[]): boolean {
  const tool = tools.find((each) => each.function.name === call.name);
  if (!tool) return false;
  const schema = { type: 'object', ...tool.function.parameters };
  return new Ajv2020({ strict: false, validateFormats: false }).validate(schema, call.arguments);
}
