// espalier generate: one prompt in, its text out, under a schema, a regex or a grammar when one is given.
import { text as readAll } from 'node:stream/consumers';
import type { GrammarSource } from '../compile/index.js';
import type { Engine, GenerateRequest } from '../engine/index.js';
import { type Command, readArguments, readNumber, UsageError } from './command.js';
import { constraintFlags, constraintHelp, constraintSource } from './constraint.js';
import { engineFlags, engineHelp, engineOptions, openEngine } from './engine.js';

const DEFAULT_MAX_TOKENS = 256;

const help = `Usage: espalier generate [options] "prompt"

Prints what the model answers. '-' reads the prompt from standard input.

The answer obeys one of:
${constraintHelp}

  --chat                       the prompt is a user's message, through the chat template (default)
  --raw                        the prompt is the text to go on from
  --system TEXT                a system message before the prompt
  --max-tokens N               most tokens of the answer (default ${DEFAULT_MAX_TOKENS})
  --temperature T              0 picks the likeliest token (default 0)
  --seed N                     makes sampling repeatable
  --stream                     print the text as it comes

${engineHelp}
`;

export const flags = {
  ...engineFlags,
  ...constraintFlags,
  chat: { type: 'boolean' },
  raw: { type: 'boolean' },
  system: { type: 'string' },
  'max-tokens': { type: 'string' },
  temperature: { type: 'string' },
  seed: { type: 'string' },
  stream: { type: 'boolean' },
} as const;

export const command: Command = { help, run: generate };

type Values = ReturnType<typeof readArguments<typeof flags>>['values'];

async function generate(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, flags);
  if (positionals.length !== 1)
    throw new UsageError(`generate takes one prompt, not ${positionals.length}; quote it if it has spaces`);
  const options = engineOptions(values);
  const interrupt = new AbortController();
  const request: GenerateRequest = {
    ...samplingOf(values),
    ...requestOf(await constraintSource(values)),
    ...promptOf(values, positionals[0] === '-' ? await readAll(process.stdin) : positionals[0]),
    signal: interrupt.signal,
  };
  const engine = await openEngine(options);
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    await answer(engine, request, values.stream === true);
  } finally {
    process.off('SIGINT', onInterrupt);
    await engine.close();
  }
}

async function answer(engine: Engine, request: GenerateRequest, stream: boolean): Promise<void> {
  await engine.ready();
  for await (const { text, result } of engine.stream(request)) {
    if (stream) process.stdout.write(text);
    if (!result) continue;
    process.stdout.write(stream ? '\n' : `${result.text}\n`);
    if (result.finishReason === 'length')
      process.stderr.write(`espalier: the answer was cut after ${result.usage.outputTokens} tokens\n`);
    if (result.finishReason === 'abort') process.exitCode = 130;
  }
}

function samplingOf(values: Values): GenerateRequest {
  const seed = readNumber('seed', values.seed, { min: 0 });
  return {
    maxTokens: readNumber('max-tokens', values['max-tokens'], { min: 1 }) ?? DEFAULT_MAX_TOKENS,
    temperature: readNumber('temperature', values.temperature, { min: 0, max: 100, integer: false }) ?? 0,
    ...(seed !== undefined && { seed }),
  };
}

/** What a request says of a constraint: a Lark grammar's lexer is an option of compiling there. */
function requestOf(source: GrammarSource | undefined): GenerateRequest {
  if (!source || !('lark' in source) || source.lexer === undefined) return source ?? {};
  return { lark: source.lark, compile: { lexer: source.lexer } };
}

function promptOf({ chat, raw, system }: Values, prompt: string): GenerateRequest {
  if (chat && raw) throw new UsageError('--chat and --raw cannot be combined');
  if (raw && system !== undefined) throw new UsageError('--raw and --system cannot be combined');
  if (raw) return { prompt };
  const user = { role: 'user', content: prompt };
  return { messages: system === undefined ? [user] : [{ role: 'system', content: system }, user] };
}
