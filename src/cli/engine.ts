// The flags that say how an engine runs, shared by the commands, and the opening of that engine.
import { readFileSync } from 'node:fs';
import type { Engine, EngineOptions, SpeculationOptions } from '../engine/index.js';
import { readNumber, UsageError } from './command.js';
import { withoutAliases } from './flag-aliases.js';

export const engineFlags = {
  model: { type: 'string' },
  'model-path': { type: 'string' },
  'chat-template': { type: 'string' },
  tp: { type: 'string' },
  'tp-size': { type: 'string' },
  'load-format': { type: 'string' },
  device: { type: 'string' },
  dtype: { type: 'string' },
  threads: { type: 'string' },
  'mem-fraction-static': { type: 'string' },
  'max-total-tokens': { type: 'string' },
  'host-kv-tokens': { type: 'string' },
  'page-size': { type: 'string' },
  'max-running-requests': { type: 'string' },
  'max-queued-requests': { type: 'string' },
  'chunked-prefill-size': { type: 'string' },
  'context-length': { type: 'string' },
  'schedule-policy': { type: 'string' },
  'radix-eviction-policy': { type: 'string' },
  'enable-radix-cache': { type: 'boolean' },
  'disable-radix-cache': { type: 'boolean' },
  'disable-overlap-schedule': { type: 'boolean' },
  'jump-forward': { type: 'string' },
  'speculative-algorithm': { type: 'string' },
  'speculative-draft-model-path': { type: 'string' },
  'speculative-draft-model': { type: 'string' },
  'speculative-model': { type: 'string' },
  'speculative-num-steps': { type: 'string' },
  'speculative-num-draft-tokens': { type: 'string' },
  warm: { type: 'string' },
  'compile-threads': { type: 'string' },
  'max-compile-ms': { type: 'string' },
} as const;

export const engineHelp = `  --model PATH                 a Hugging Face model folder or a .gguf file (default: the embedded model, sprout); also
  --model-path PATH            as SGLang calls it
  --chat-template FILE|TEXT    a chat template in place of the model's: a file, or its text
  --tp N                       GPUs that share the model (default 1); also
  --tp-size N
  --load-format auto|dummy     dummy: random weights of the model's shape, for measurements
  --device cpu|cuda            where the model computes (default: cpu)
  --dtype TYPE                 what CUDA computes in: auto, bfloat16, float16 or float32 (default: auto)
  --threads N                  threads for masks and the CPU's computing (default: the machine's cores, at most 16; on CUDA 4)
  --mem-fraction-static SHARE  share of the memory that weights and KV cache take together, above 0 and below 1: of the
                               device's, on the CPU of what is available
  --max-total-tokens N         tokens that the KV cache holds (default: what suits model and memory)
  --host-kv-tokens N           tokens that its second tier in host memory holds (default 0: none)
  --page-size N                tokens per KV page (default 16)
  --max-running-requests N     most requests in the running batch (default 64; cuda: 256)
  --max-queued-requests N      most requests waiting (default 1024)
  --chunked-prefill-size N     most prompt tokens in one step (default 512; cuda: 8192)
  --context-length N           most tokens of prompt and output together (default: the model's)
  --schedule-policy POLICY     which waiting request goes first: lpm (longest cached prefix, default), fcfs (the
                               oldest) or priority
  --radix-eviction-policy P    which cached prefix makes room first: lru (default) or lfu
  --enable-radix-cache         share prefixes between requests (default)
  --disable-radix-cache        do not share prefixes between requests
  --disable-overlap-schedule   on cuda, plan a step only when the last one is done
  --jump-forward off|token|text what a grammar forces is appended without running the model: nothing, single
                               tokens, or also text that several tokens could spell (default: token)
  --speculative-algorithm ALG  draft tokens and compute several in a step: grammar (what a grammar forces), ngram
                               (prompt look-up) or standalone (a draft model) (default: none)
  --speculative-draft-model-path DIR  the draft model's folder, which means standalone; also
  --speculative-draft-model DIR
  --speculative-model DIR
  --speculative-num-draft-tokens N    most guesses in a row (default: ngram 8, standalone 4); also
  --speculative-num-steps N
  --warm MODE                  what is made ready ahead: none, background or before-ready (default: background)
  --compile-threads N          threads that compile grammars (default: the machine's cores, at most 4)
  --max-compile-ms N           longest compilation of a request's grammar (default 10000)`;

export type EngineFlagValues = {
  readonly [flag in keyof typeof engineFlags]?: string | boolean | undefined;
};

/** The engine's options that were given as flags. */
export function engineOptions(given: EngineFlagValues): EngineOptions {
  const values = withoutAliases(given);
  const count = (flag: keyof EngineFlagValues, option: keyof EngineOptions) => {
    const value = readNumber(flag, values[flag] as string | undefined, { min: 1 });
    return value === undefined ? {} : { [option]: value };
  };
  return {
    ...(values.model !== undefined && { model: String(values.model) }),
    ...(values['load-format'] !== undefined && {
      loadFormat: values['load-format'] as NonNullable<EngineOptions['loadFormat']>,
    }),
    ...(values.device !== undefined && { device: values.device as NonNullable<EngineOptions['device']> }),
    ...(values.dtype !== undefined && { dtype: values.dtype as NonNullable<EngineOptions['dtype']> }),
    ...templateOption(values['chat-template']),
    ...memoryOption(values['mem-fraction-static']),
    ...count('tp', 'tp'),
    ...count('threads', 'threads'),
    ...count('max-total-tokens', 'kvTokens'),
    ...count('host-kv-tokens', 'hostKvTokens'),
    ...count('page-size', 'pageSize'),
    ...count('max-running-requests', 'maxRunning'),
    ...count('max-queued-requests', 'maxQueued'),
    ...count('chunked-prefill-size', 'chunkedPrefillSize'),
    ...count('context-length', 'contextLength'),
    ...(values['schedule-policy'] !== undefined && {
      schedulePolicy: values['schedule-policy'] as NonNullable<EngineOptions['schedulePolicy']>,
    }),
    ...(values['radix-eviction-policy'] !== undefined && {
      radixEviction: values['radix-eviction-policy'] as NonNullable<EngineOptions['radixEviction']>,
    }),
    ...(values['disable-radix-cache'] === true && { radixCache: false }),
    ...(values['disable-overlap-schedule'] === true && { overlap: false }),
    ...(values.warm !== undefined && { warm: values.warm as NonNullable<EngineOptions['warm']> }),
    ...compilerOptions(values),
    ...(values['jump-forward'] !== undefined && { jumpForward: readJumpForward(values['jump-forward']) }),
    ...speculationOptions(values),
  };
}

/** A text with a template's brackets is one, anything else names a file. */
function templateOption(given: string | boolean | undefined): Pick<EngineOptions, 'chatTemplate'> {
  if (given === undefined) return {};
  const text = String(given);
  return { chatTemplate: /\{[{%]/.test(text) ? text : readFileSync(text, 'utf8') };
}

function memoryOption(given: string | boolean | undefined): Pick<EngineOptions, 'memoryShare'> {
  if (given === undefined) return {};
  const memoryShare = Number(given);
  if (memoryShare > 0 && memoryShare < 1) return { memoryShare };
  throw new UsageError(`--mem-fraction-static must be a number above 0 and below 1, not '${String(given)}'`);
}

function compilerOptions(values: EngineFlagValues): Pick<EngineOptions, 'compiler'> {
  const read = (flag: 'compile-threads' | 'max-compile-ms') =>
    readNumber(flag, values[flag] as string | undefined, { min: 1 });
  const [maxCompileThreads, maxCompileMs] = [read('compile-threads'), read('max-compile-ms')];
  const compiler = {
    ...(maxCompileThreads !== undefined && { maxCompileThreads }),
    ...(maxCompileMs !== undefined && { maxCompileMs }),
  };
  return Object.keys(compiler).length > 0 ? { compiler } : {};
}

const ALGORITHMS = { grammar: 'grammar', ngram: 'ngram', standalone: 'draft' } as const;

function speculationOptions(values: EngineFlagValues): Pick<EngineOptions, 'speculation'> {
  const model = values['speculative-draft-model-path'];
  const maxTokens = readNumber(
    'speculative-num-draft-tokens',
    values['speculative-num-draft-tokens'] as string | undefined,
    { min: 1 },
  );
  const algorithm = values['speculative-algorithm'] ?? (model === undefined ? undefined : 'standalone');
  if (algorithm === undefined) {
    if (maxTokens !== undefined) throw new UsageError('--speculative-* needs --speculative-algorithm');
    return {};
  }
  const name = String(algorithm).toLowerCase();
  if (!Object.hasOwn(ALGORITHMS, name))
    throw new UsageError(
      `--speculative-algorithm must be one of ${Object.keys(ALGORITHMS).join(', ')}, not ${String(algorithm)}`,
    );
  const given = {
    kind: ALGORITHMS[name as keyof typeof ALGORITHMS],
    ...(model !== undefined && { model: String(model) }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
  return { speculation: given as SpeculationOptions }; // checked field by field when the engine is made
}

function readJumpForward(value: string | boolean): boolean | 'text' {
  if (value !== 'off' && value !== 'token' && value !== 'text')
    throw new UsageError(`--jump-forward must be off, token or text, not ${String(value)}`);
  return value === 'text' ? value : value === 'token';
}

/** The engine, loading. Its code is loaded here and not before, so that help and usage errors come at once. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { Engine } = await import('../engine/index.js');
  return new Engine(options);
}
