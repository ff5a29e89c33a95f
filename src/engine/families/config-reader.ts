// config.json, field by field. A field that nobody has read when all is done is refused by name, unless it is known to
// change nothing: what a field that we do not know does to the result cannot be known either.
import { ModelError } from '../../errors.js';

/** What training, generation and files are told: the logits do not depend on it. */
const HARMLESS = new Set([
  ...['architectures', 'model_type', 'auto_map', 'dtype', 'torch_dtype', 'transformers_version'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'unk_token_id', 'sep_token_id', 'cls_token_id'],
  ...['decoder_start_token_id', 'tokenizer_class', 'tokenizer_type', 'name_or_path', 'task_specific_params'],
  ...['use_cache', 'cache_implementation', 'use_flash_attn', 'attn_implementation', 'pretraining_tp'],
  ...['initializer_range', 'attention_dropout', 'hidden_dropout', 'resid_pdrop', 'embd_pdrop'],
  ...['router_aux_loss_coef', 'output_router_logits', 'router_jitter_noise', 'aux_loss_alpha', 'seq_aux'],
  ...['ep_size', 'num_nextn_predict_layers', 'id2label', 'label2id', 'num_labels', 'problem_type'],
  ...['finetuning_task', 'return_dict', 'output_attentions', 'output_hidden_states', 'torchscript'],
  ...['use_bfloat16', 'bf16', 'fp16', 'fp32', 'max_length', 'do_sample', 'temperature', 'top_k', 'top_p'],
  ...['unsloth_fixed', 'unsloth_version', 'is_llama_config', 'transformers.js_config'],
]);

/** Features that some models have: switched off, they change nothing, whatever the family. */
const OFF = new Set([
  ...['attention_bias', 'mlp_bias', 'use_bidirectional_attention', 'use_mrope', 'use_qk_norm'],
  ...['is_encoder_decoder', 'add_cross_attention', 'tie_encoder_decoder', 'use_sliding_window'],
]);

const MOST = 2 ** 31 - 1;

export class ConfigReader {
  private readonly read = new Set<string>();
  private readonly objects = new Map<string, ConfigReader>();

  /** `path` and `prefix` say in errors where the fields are; there will be no more positions than `contextLength`. */
  constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    readonly path: string,
    readonly contextLength: number = Number.POSITIVE_INFINITY,
    private readonly prefix = '',
  ) {}

  /** The field's value; undefined where it is null or absent. */
  value(name: string): unknown {
    this.read.add(name);
    return this.fields[name] ?? undefined;
  }

  /** A positive integer. */
  count(name: string, fallback?: number): number {
    const value = this.value(name) ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > MOST)
      throw this.invalid(name, 'must be a positive integer', value);
    return value as number;
  }

  optionalCount(name: string): number | undefined {
    return this.value(name) === undefined ? undefined : this.count(name);
  }

  /** A positive number. */
  number(name: string, fallback?: number): number {
    const value = this.value(name) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
      throw this.invalid(name, 'must be a positive number', value);
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.value(name) === undefined ? undefined : this.number(name);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.value(name) ?? fallback;
    if (typeof value !== 'boolean') throw this.invalid(name, 'must be true or false', value);
    return value;
  }

  list<T>(name: string, what: string, isItem: (item: unknown) => item is T): readonly T[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every(isItem))
      throw this.invalid(name, `must be a list of ${what}`, value);
    return value;
  }

  /** The fields of an object, those that it lacks from `defaults`. The same reader each time. */
  object(name: string, defaults: Readonly<Record<string, unknown>> = {}): ConfigReader | undefined {
    const known = this.objects.get(name);
    if (known) return known;
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw this.invalid(name, 'must be an object', value);
    const reader = new ConfigReader(
      { ...defaults, ...value },
      this.path,
      this.contextLength,
      `${this.prefix}${name}.`,
    );
    this.objects.set(name, reader);
    return reader;
  }

  /** The value must be one of these; absent, it is the first. */
  one<const T>(name: string, ...allowed: readonly T[]): T {
    const value = this.value(name);
    if (value === undefined) return allowed[0]!;
    const found = allowed.find((entry) => entry === value);
    if (found === undefined) throw this.unsupported(name, value, `supported: ${allowed.join(', ')}`);
    return found;
  }

  /** Refuses what nobody has read. */
  finish(): void {
    for (const [name, value] of Object.entries(this.fields)) {
      if (this.read.has(name) || value === null || name.startsWith('_')) continue;
      if (!this.prefix.startsWith('rope') && HARMLESS.has(name)) continue;
      if (OFF.has(name) && value === false) continue;
      throw this.unsupported(name, value, 'it may change what the model computes');
    }
  }

  invalid(name: string, reason: string, found: unknown): ModelError {
    const text = `${this.path}: '${this.prefix}${name}' ${reason}, found ${JSON.stringify(found)}`;
    return new ModelError('config_invalid', text);
  }

  unsupported(name: string, value: unknown, reason: string): ModelError {
    const text = JSON.stringify(value) ?? 'undefined';
    const short = text.length > 100 ? `${text.slice(0, 100)}...` : text;
    return new ModelError(
      'unsupported_config',
      `${this.path}: '${this.prefix}${name}' = ${short} is not supported; ${reason}`,
    );
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isNumber = (item: unknown): item is number => typeof item === 'number' && Number.isFinite(item);
