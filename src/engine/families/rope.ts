// Rotary embeddings: `rope_parameters`, or the older `rope_theta` and `rope_scaling`.
import type { NativeRopeScaling } from '../../native/index.js';
import { type ConfigReader, isNumber } from './config-reader.js';
import type { DecoderConfig } from './family.js';

type Rope = Pick<DecoderConfig, 'ropeTheta' | 'ropeScaling' | 'ropeSize'>;

interface RopeOptions {
  /** Elements of a head that may be rotated. */
  readonly headDim: number;
  readonly maxPositions: number;
  readonly theta?: number;
  /** Names that stand for longrope in this family. */
  readonly longrope?: readonly string[];
}

const PLAIN = ['rope_type', 'type', 'rope_theta', 'partial_rotary_factor'];

/** @throws ModelError `config_invalid`, `unsupported_config`, also for a parameter that is not known */
export function readRope(config: ConfigReader, options: RopeOptions): Rope {
  const parameters = config.object('rope_scaling') ?? config.object('rope_parameters');
  config.value('rope_parameters');
  return readRopeOf(config, parameters, options);
}

/** The same, where the parameters are in an object of another name. */
export function readRopeOf(
  config: ConfigReader,
  parameters: ConfigReader | undefined,
  options: RopeOptions,
): Rope {
  const either = (name: string): number | undefined => {
    const ofModel = config.optionalNumber(name);
    return parameters?.optionalNumber(name) ?? ofModel;
  };
  const fraction = either('partial_rotary_factor') ?? 1;
  if (fraction > 1) throw config.invalid('partial_rotary_factor', 'must be at most 1', fraction);
  const ropeSize = Math.floor(options.headDim * fraction);
  const scaling = parameters && readScaling(config, parameters, options);
  parameters?.finish();
  return {
    ropeTheta: either('rope_theta') ?? options.theta ?? 10_000,
    ...(ropeSize < options.headDim ? { ropeSize } : {}),
    ...(scaling ? { ropeScaling: scaling } : {}),
  };
}

function readScaling(
  config: ConfigReader,
  parameters: ConfigReader,
  { maxPositions, longrope = ['longrope', 'su'] }: RopeOptions,
): NativeRopeScaling | undefined {
  for (const name of PLAIN) parameters.value(name);
  const kind = parameters.value('rope_type') ?? parameters.value('type') ?? 'default';
  if (typeof kind === 'string' && longrope.includes(kind))
    return readLongrope(config, parameters, maxPositions);
  switch (kind) {
    case 'default':
      return undefined;
    case 'linear':
      return { kind: 'linear', factor: parameters.number('factor') };
    case 'dynamic':
      // Changes nothing up to max_position_embeddings, and there are no positions beyond.
      parameters.number('factor');
      parameters.one('original_max_position_embeddings', maxPositions);
      return undefined;
    case 'llama3':
      return {
        kind: 'llama3',
        factor: parameters.number('factor'),
        lowFreqFactor: parameters.number('low_freq_factor'),
        highFreqFactor: parameters.number('high_freq_factor'),
        originalMaxPositions: parameters.number('original_max_position_embeddings'),
      };
    case 'yarn':
      return readYarn(parameters, maxPositions);
    default:
      throw parameters.unsupported(
        'rope_type',
        kind,
        'supported: default, linear, dynamic, llama3, yarn, longrope',
      );
  }
}

/** Yarn's mscale: how much attention is sharpened when positions are `factor` times as many. */
export function yarnScale(factor: number, mscale = 1): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

function readYarn(parameters: ConfigReader, maxPositions: number): NativeRopeScaling {
  const originalMaxPositions = parameters.number('original_max_position_embeddings', maxPositions);
  const factor = parameters.number('factor', maxPositions / originalMaxPositions);
  // Either may be 0, which says that there is none.
  const mscale = parameters.value('mscale') || undefined;
  const allDimensions = parameters.value('mscale_all_dim') || undefined;
  const scaled =
    mscale !== undefined && allDimensions !== undefined
      ? yarnScale(factor, parameters.number('mscale')) /
        yarnScale(factor, parameters.number('mscale_all_dim'))
      : yarnScale(factor);
  return {
    kind: 'yarn',
    factor,
    originalMaxPositions,
    betaFast: parameters.number('beta_fast', 32),
    betaSlow: parameters.number('beta_slow', 1),
    truncate: parameters.flag('truncate', true),
    attentionFactor: parameters.number('attention_factor', scaled),
  };
}

/**
 * One set of factors for all sequences: the long one where there are positions beyond the original ones. A key's rotation
 * must not depend on how long its sequence becomes, or no prefix could be shared.
 */
function readLongrope(
  config: ConfigReader,
  parameters: ConfigReader,
  maxPositions: number,
): NativeRopeScaling {
  const ofModel = config.optionalCount('original_max_position_embeddings');
  const original = parameters.count('original_max_position_embeddings', ofModel ?? maxPositions);
  const factor = parameters.number('factor', maxPositions / original);
  const factors = (name: string): readonly number[] => {
    const list = parameters.list(name, 'numbers', isNumber);
    if (list === undefined) throw parameters.invalid(name, 'is needed', undefined);
    return list;
  };
  const short = factors('short_factor');
  const long = factors('long_factor');
  const sharpened = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
  return {
    kind: 'factors',
    factors: Math.min(maxPositions, config.contextLength) > original ? long : short,
    attentionFactor: parameters.number('attention_factor', sharpened),
  };
}
