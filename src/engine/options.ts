// Engine options: checked, with every default filled in.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { GrammarCompilerOptions } from '../compile-threads/index.js';
import { RequestError } from '../errors.js';
import type { NativeEngineOptions } from '../native/index.js';
import { checkMaskLevel, type MaskLevel } from './precompute.js';
import { type ResolvedSpeculation, resolveSpeculation } from './speculation.js';
import type { EngineOptions } from './types.js';
import type { WarmMode } from './warming.js';

/** The model that ships with the package. */
export const EMBEDDED_MODEL = fileURLToPath(new URL('../../models/sprout', import.meta.url));

const DEVICES = ['cpu', 'cuda'] as const;
const LOAD_FORMATS = ['auto', 'dummy'] as const;
const DTYPES = ['auto', 'bfloat16', 'float16', 'float32'] as const;
const POLICIES = ['lpm', 'fcfs', 'priority'] as const;
const EVICTIONS = ['lru', 'lfu'] as const;
const WARM_MODES = ['none', 'background', 'before-ready'] as const;
type Device = (typeof DEVICES)[number];

const RANGES = {
  tp: { min: 1, max: 64, default: () => 1 },
  // On CUDA they fill masks alone: more of them only wait for each other (docs/cuda.md).
  threads: {
    min: 1,
    max: 1024,
    default: (device: Device) => Math.min(device === 'cuda' ? 4 : 16, availableParallelism()),
  },
  // 0 stands for what fits the device or the machine; it cannot be asked for.
  kvTokens: { min: 1, max: 2 ** 31 - 1, default: () => 0 },
  hostKvTokens: { min: 0, max: 2 ** 30, default: () => 0 },
  pageSize: { min: 1, max: 4096, default: () => 16 },
  maxRunning: { min: 1, max: 65_536, default: (device: Device) => (device === 'cuda' ? 256 : 64) },
  maxQueued: { min: 0, max: 2 ** 31 - 1, default: () => 1024 },
  chunkedPrefillSize: {
    min: 1,
    max: 2 ** 31 - 1,
    default: (device: Device) => (device === 'cuda' ? 8192 : 512),
  },
  maskRows: { min: 1, max: 2 ** 20, default: () => 4096 },
} as const;

/** @throws RequestError `invalid_option`, naming it */
export function resolveOptions(options: EngineOptions): {
  readonly model: string;
  readonly forcesText: boolean;
  readonly loadFormat: (typeof LOAD_FORMATS)[number];
  readonly cache: Pick<EngineOptions, 'cache'>;
  readonly context: Pick<EngineOptions, 'contextLength'>;
  readonly template: Pick<EngineOptions, 'chatTemplate'>;
  readonly warm: WarmMode;
  readonly masks: MaskLevel;
  readonly compiler: GrammarCompilerOptions;
  readonly onProgress: NonNullable<EngineOptions['onProgress']>;
  /** `kvTokens` is 0 where nobody said how many. */
  readonly native: Omit<NativeEngineOptions, 'speculation'>;
  readonly speculation?: ResolvedSpeculation;
} {
  const switches = ['radixCache', 'overlap', 'jumpForward'];
  const known = [
    ...Object.keys(RANGES),
    ...switches,
    'model',
    'loadFormat',
    'device',
    'dtype',
    'cache',
    'compiler',
    'masks',
    'warm',
    'contextLength',
    'chatTemplate',
    'memoryShare',
    'schedulePolicy',
    'radixEviction',
    'onProgress',
    'speculation',
  ];
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw invalid(name, `is not an option; known are ${known.join(', ')}`);
  const device = oneOf('device', options.device ?? 'cpu', DEVICES);
  const dtype = oneOf('dtype', options.dtype ?? 'auto', DTYPES);
  const number = (name: keyof typeof RANGES): number => {
    const range = RANGES[name];
    const value = options[name];
    if (value === undefined) return range.default(device);
    if (!Number.isInteger(value) || value < range.min || value > range.max)
      throw invalid(name, `must be an integer from ${range.min} to ${range.max}, found ${String(value)}`);
    return value;
  };
  const { jumpForward = true } = options;
  if (jumpForward !== 'text' && typeof jumpForward !== 'boolean')
    throw invalid('jumpForward', "must be true, false or 'text'");
  const flag = (name: 'radixCache' | 'overlap', fallback: boolean): boolean => {
    const value: unknown = options[name] ?? fallback;
    if (typeof value !== 'boolean') throw invalid(name, 'must be true or false');
    return value;
  };
  const { model = EMBEDDED_MODEL, cache, compiler = {}, contextLength } = options;
  if (typeof model !== 'string')
    throw invalid('model', 'must be the path of a model folder or of a .gguf file');
  if (cache !== undefined && cache !== false && typeof cache !== 'string')
    throw invalid('cache', 'must be the path of a folder, or false');
  if (typeof compiler !== 'object' || compiler === null)
    throw invalid('compiler', 'must be an object of limits');
  if (contextLength !== undefined && !(Number.isInteger(contextLength) && contextLength >= 1))
    throw invalid('contextLength', `must be a positive integer, found ${String(contextLength)}`);
  const { chatTemplate, memoryShare } = options;
  if (chatTemplate !== undefined && typeof chatTemplate !== 'string')
    throw invalid('chatTemplate', 'must be the text of a template');
  if (memoryShare !== undefined && !(memoryShare > 0 && memoryShare < 1))
    throw invalid('memoryShare', `must be a number above 0 and below 1, found ${String(memoryShare)}`);
  const { onProgress = () => {} } = options;
  if (typeof onProgress !== 'function') throw invalid('onProgress', 'must be a function');
  if (options.hostKvTokens && options.radixCache === false)
    throw invalid('hostKvTokens', 'is a part of the prefix cache, which radixCache: false turns off');
  const speculation = resolveSpeculation(options.speculation);
  const overlap = flag('overlap', device === 'cuda' && !speculation);
  if (speculation && overlap)
    throw invalid(
      'overlap',
      'excludes speculation, which needs the tokens of a step before it plans the next',
    );
  return {
    model,
    onProgress,
    compiler,
    ...(speculation && { speculation }),
    forcesText: jumpForward === 'text',
    cache: cache === undefined ? {} : { cache },
    context: contextLength === undefined ? {} : { contextLength },
    template: chatTemplate === undefined ? {} : { chatTemplate },
    warm: oneOf('warm', options.warm ?? 'background', WARM_MODES),
    masks: checkMaskLevel(options.masks ?? 'none'),
    loadFormat: oneOf('loadFormat', options.loadFormat ?? 'auto', LOAD_FORMATS),
    native: {
      device,
      dtype,
      tp: number('tp'),
      threads: number('threads'),
      kvTokens: number('kvTokens'),
      ...(memoryShare !== undefined && { memoryShare }),
      hostKvTokens: number('hostKvTokens'),
      pageSize: number('pageSize'),
      maxRunning: number('maxRunning'),
      maxQueued: number('maxQueued'),
      chunkedPrefillSize: number('chunkedPrefillSize'),
      radixCache: flag('radixCache', true),
      radixEviction: oneOf('radixEviction', options.radixEviction ?? 'lru', EVICTIONS),
      schedulePolicy: oneOf('schedulePolicy', options.schedulePolicy ?? 'lpm', POLICIES),
      overlap,
      jumpForward: jumpForward !== false,
      maskRows: number('maskRows'),
    },
  };
}

function oneOf<const T extends string>(name: string, value: unknown, known: readonly T[]): T {
  const found = known.find((entry) => entry === value);
  if (found === undefined) throw invalid(name, `must be one of ${known.join(', ')}, found ${String(value)}`);
  return found;
}

function invalid(name: string, reason: string): RequestError {
  return new RequestError('invalid_option', `option '${name}' ${reason}`, name);
}
