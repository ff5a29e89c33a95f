// espalier quickstart: shows on the embedded model what the project does, in a few seconds and plain text.
// A record drawn from a sentence under a schema, a tool call, the first prompt again from the cache, and figures.
import type {
  Engine,
  GenerateChunk,
  GenerateRequest,
  GenerateResult,
  ToolDefinition,
} from '../engine/index.js';
import { collect, hermes } from '../tools/index.js';
import { type Command, readArguments, UsageError } from './command.js';
import { openEngine } from './engine.js';

const SENTENCE = 'Maria Lopez is 34 years old and lives in Madrid. She works as a nurse.';
const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer', minimum: 0 },
    city: { type: 'string' },
    job: { enum: ['nurse', 'teacher', 'engineer', 'baker'] },
  },
  required: ['name', 'age', 'city', 'job'],
  additionalProperties: false,
};
const EXTRACT = `Extract a JSON record from the text.\nSchema: ${JSON.stringify(SCHEMA)}\nText: ${SENTENCE}`;
const QUESTION = "What's the weather in Oslo?";
const TOOLS: readonly ToolDefinition[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Get the current weather for a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
  {
    type: 'function',
    function: {
      name: 'get_time',
      description: 'Get the local time of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];
const MAX_TOKENS = 120;
/** Characters of the growing JSON that one line shows. */
const WIDTH = 72;

const help = `Usage: espalier quickstart

Runs the embedded model for a few seconds: JSON under a schema, a tool call, the prefix cache, and figures.
`;

export const command: Command = { help, run: quickstart };

async function quickstart(args: readonly string[]): Promise<void> {
  const { positionals } = readArguments(args, {});
  if (positionals.length > 0)
    throw new UsageError(`quickstart takes no arguments, but got '${positionals[0]}'`);
  const engine = await openEngine({});
  try {
    const { modelId, vocabSize, kernels } = await engine.ready();
    print(`model     ${modelId}: ${vocabSize} tokens, ${kernels} kernels`);
    const first = await showRecord(engine, vocabSize);
    const call = await showToolCall(engine);
    const again = await showCache(engine, first);
    showFigures([first, call, again]);
  } finally {
    await engine.close();
  }
}

const record: GenerateRequest = {
  messages: [{ role: 'user', content: EXTRACT }],
  schema: SCHEMA,
  maxTokens: MAX_TOKENS,
};

async function showRecord(engine: Engine, vocabSize: number): Promise<GenerateResult> {
  print(`sentence  ${SENTENCE}`);
  print(`schema    ${JSON.stringify(SCHEMA)}`);
  print('');
  print(`allowed   of ${vocabSize} tokens at each step, and the JSON that the chosen one makes`);
  const tokens: number[] = [];
  const result = await run(engine, record, async (chunk) => {
    for (const [index, token] of chunk.tokens.entries()) {
      tokens.push(token);
      print(`${String(chunk.allowed[index]).padStart(7)}   ${tail(await engine.detokenize(tokens))}`);
    }
  });
  print('');
  print(`record    ${result.text}`);
  return result;
}

async function showToolCall(engine: Engine): Promise<GenerateResult> {
  print('');
  print(`question  ${QUESTION}`);
  print(`tools     ${TOOLS.map((tool) => tool.function.name).join(', ')}`);
  const result = await run(engine, {
    messages: [{ role: 'user', content: QUESTION }],
    tools: TOOLS,
    grammar: hermes.constraint(TOOLS, 'required'),
    maxTokens: MAX_TOKENS,
  });
  const parser = hermes.parser();
  const { calls } = collect([...parser.push(result.text), ...parser.finish()]);
  for (const call of calls) print(`call      ${call.name}(${call.arguments})`);
  return result;
}

async function showCache(engine: Engine, first: GenerateResult): Promise<GenerateResult> {
  const result = await run(engine, record);
  const { promptTokens, cachedTokens, firstTokenMs } = result.usage;
  print('');
  print(
    `again     ${cachedTokens} of ${promptTokens} prompt tokens came from the cache; first token after ${firstTokenMs.toFixed(1)} ms, before ${first.usage.firstTokenMs.toFixed(1)} ms`,
  );
  return result;
}

function showFigures(results: readonly GenerateResult[]): void {
  const sum = (figure: (usage: GenerateResult['usage']) => number) =>
    results.reduce((total, { usage }) => total + figure(usage), 0);
  const tokens = sum((usage) => usage.outputTokens);
  const perSecond = (1000 * tokens) / sum((usage) => usage.totalMs);
  const maskMicros = (1000 * sum((usage) => usage.maskMs)) / tokens;
  const cached = (100 * sum((usage) => usage.cachedTokens)) / sum((usage) => usage.promptTokens);
  print(
    `figures   ${perSecond.toFixed(0)} tokens/s, mask ${maskMicros.toFixed(1)} µs per token, ${cached.toFixed(0)}% of prompt tokens cached`,
  );
}

async function run(
  engine: Engine,
  request: GenerateRequest,
  onChunk: (chunk: GenerateChunk) => Promise<void> = async () => {},
): Promise<GenerateResult> {
  let result: GenerateResult | undefined;
  for await (const chunk of engine.stream(request)) {
    await onChunk(chunk);
    result = chunk.result;
  }
  if (!result) throw new Error('the engine ended a stream without a result');
  return result;
}

/** The end of a text on one line. */
function tail(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length <= WIDTH ? line : `…${line.slice(line.length - WIDTH + 1)}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
