// Which ids begin and end a text, gathered from the files that may say so: tokenizer_config.json (by content),
// generation_config.json and config.json (by id, one or several).
import { TokenizerError } from '../errors.js';
import { asRecord } from './tokenizer-json.js';

export interface SpecialIds {
  readonly bos: number | undefined;
  /** Every id that ends an output, in the order found, each once. */
  readonly eos: readonly number[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param idOf looks a token's content up
 * @throws TokenizerError `invalid_tokenizer` for a field of a wrong type or a token that does not exist
 */
export function readSpecialIds(
  files: { tokenizerConfig?: unknown; generationConfig?: unknown; config?: unknown },
  idOf: (content: string) => number | undefined,
): SpecialIds {
  const tokenizerConfig = fields(files.tokenizerConfig, 'tokenizer_config.json');
  const generation = fields(files.generationConfig, 'generation_config.json');
  const config = fields(files.config, 'config.json');
  const named = (field: string) => {
    const content = tokenContent(tokenizerConfig[field], field);
    if (content === undefined) return [];
    const id = idOf(content);
    if (id === undefined)
      invalid(`tokenizer_config.json: ${field} ${JSON.stringify(content)} is not in the vocabulary`);
    return [id!];
  };
  const numbered = (field: string) => [
    ...idList(generation[field], `generation_config.json: ${field}`),
    ...idList(config[field], `config.json: ${field}`),
  ];
  const bos = [...named('bos_token'), ...numbered('bos_token_id')];
  const eos = [...numbered('eos_token_id'), ...named('eos_token')];
  return { bos: bos[0], eos: [...new Set(eos)] };
}

/**
 * A token named in tokenizer_config.json: a string, or an object with its `content`.
 * @throws TokenizerError `invalid_tokenizer`
 */
export function tokenContent(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const content = typeof value === 'string' ? value : (value as { content?: unknown }).content;
  if (typeof content !== 'string')
    invalid(`tokenizer_config.json: ${field} is neither a string nor an object with content`);
  return content as string;
}

function fields(value: unknown, file: string): Fields {
  return value === undefined || value === null ? {} : asRecord(value, file);
}

function idList(value: unknown, where: string): number[] {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const id of list)
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      invalid(`${where} holds ${JSON.stringify(id)}, which is not a token id`);
  return list as number[];
}

function invalid(reason: string): never {
  throw new TokenizerError('invalid_tokenizer', reason);
}
