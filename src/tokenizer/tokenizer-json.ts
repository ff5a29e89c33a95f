// The shape of tokenizer.json, checked: plain JSON of unknown origin in, typed sections out. Everything else in this
// room reads these sections and not the raw file.
import { TokenizerError } from '../errors.js';

/** A section such as `normalizer` or `decoder`: a `type`, and fields that belong to it. */
export interface Section {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface AddedTokenEntry {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly singleWord: boolean;
}

export interface TokenizerJson {
  /** `BPE` or `Unigram`. */
  readonly modelType: 'BPE' | 'Unigram';
  readonly byteFallback: boolean;
  readonly unknownToken: string | undefined;
  /** The model's vocabulary; added tokens not included. */
  readonly vocabulary: readonly (readonly [token: string, id: number])[];
  readonly addedTokens: readonly AddedTokenEntry[];
  /** Sequences are flattened; no section is an empty list. */
  readonly normalizers: readonly Section[];
  readonly preTokenizers: readonly Section[];
  readonly decoders: readonly Section[];
  /** The whole file, for the encoder. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Most ids unless told otherwise; the largest vocabularies in use have some 260,000. */
export const DEFAULT_MAX_VOCAB_SIZE = 1 << 20;
const MAX_SECTION_DEPTH = 16;

/**
 * Checks a parsed tokenizer.json.
 * @throws TokenizerError `invalid_tokenizer` where it is broken, `unsupported_tokenizer` for a model kind whose tokens
 * have no exact bytes
 */
export function readTokenizerJson(value: unknown, maxVocabSize = DEFAULT_MAX_VOCAB_SIZE): TokenizerJson {
  const raw = asRecord(value, 'the file');
  const model = asRecord(raw.model, 'model');
  const modelType = modelKind(model);
  const vocabulary =
    modelType === 'BPE' ? readBpeVocabulary(model.vocab) : readUnigramVocabulary(model.vocab);
  const addedTokens = readAddedTokens(raw.added_tokens);
  checkIds(vocabulary, addedTokens, maxVocabSize);
  if (modelType === 'BPE') checkMerges(model);
  return {
    modelType,
    byteFallback: model.byte_fallback === true,
    unknownToken: unknownToken(model, vocabulary),
    vocabulary,
    addedTokens,
    normalizers: flatten(raw.normalizer, 'normalizer', 'normalizers'),
    preTokenizers: flatten(raw.pre_tokenizer, 'pre_tokenizer', 'pretokenizers'),
    decoders: flatten(raw.decoder, 'decoder', 'decoders'),
    raw,
  };
}

/** An object of unknown fields. @throws TokenizerError `invalid_tokenizer` naming `where` */
export function asRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    invalid(`${where} is not an object`);
  return value as Record<string, unknown>;
}

function modelKind(model: Readonly<Record<string, unknown>>): 'BPE' | 'Unigram' {
  const named = model.type ?? (Array.isArray(model.vocab) ? 'Unigram' : model.merges ? 'BPE' : undefined);
  if (named !== 'BPE' && named !== 'Unigram')
    throw new TokenizerError(
      'unsupported_tokenizer',
      `tokenizer.json: model type ${JSON.stringify(named ?? null)} is not supported: its tokens have no exact bytes; byte-level BPE, SentencePiece BPE and Unigram are`,
    );
  for (const affix of ['continuing_subword_prefix', 'end_of_word_suffix'])
    if (model[affix])
      throw new TokenizerError(
        'unsupported_tokenizer',
        `tokenizer.json: model.${affix} ${JSON.stringify(model[affix])} is not supported: tokens with it have no exact bytes`,
      );
  return named;
}

function readBpeVocabulary(vocab: unknown): (readonly [string, number])[] {
  return Object.entries(asRecord(vocab, 'model.vocab')) as [string, number][];
}

function readUnigramVocabulary(vocab: unknown): (readonly [string, number])[] {
  if (!Array.isArray(vocab) || vocab.length === 0) invalid('model.vocab is not a list of [piece, score]');
  return (vocab as unknown[]).map((entry, id) => {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'number')
      invalid(`model.vocab[${id}] is not [piece, score]`);
    return [(entry as [string, number])[0], id] as const;
  });
}

function checkIds(
  vocabulary: readonly (readonly [string, number])[],
  addedTokens: readonly AddedTokenEntry[],
  maxVocabSize: number,
): void {
  const checkId = (id: number) => {
    if (!Number.isInteger(id) || id < 0 || id >= maxVocabSize)
      invalid(
        `token id ${id} is not an integer from 0 to ${maxVocabSize - 1} (limit maxVocabSize = ${maxVocabSize})`,
      );
  };
  for (const token of addedTokens) checkId(token.id);
  const seen: boolean[] = [];
  for (const [token, id] of vocabulary) {
    checkId(id);
    if (seen[id]) invalid(`model.vocab gives id ${id} to two tokens (one is ${JSON.stringify(token)})`);
    seen[id] = true;
  }
}

function checkMerges(model: Readonly<Record<string, unknown>>): void {
  if (!Array.isArray(model.merges)) invalid('model.merges is not a list');
  (model.merges as unknown[]).forEach((merge, i) => {
    const isPair =
      typeof merge === 'string'
        ? merge.indexOf(' ') > 0 && merge.indexOf(' ') === merge.lastIndexOf(' ')
        : Array.isArray(merge) &&
          merge.length === 2 &&
          typeof merge[0] === 'string' &&
          typeof merge[1] === 'string';
    if (!isPair) invalid(`model.merges[${i}] is not a pair of tokens`);
  });
}

function unknownToken(
  model: Readonly<Record<string, unknown>>,
  vocabulary: readonly (readonly [string, number])[],
): string | undefined {
  if (typeof model.unk_token === 'string') return model.unk_token;
  return typeof model.unk_id === 'number' ? vocabulary[model.unk_id]?.[0] : undefined;
}

function readAddedTokens(value: unknown): AddedTokenEntry[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) invalid('added_tokens is not a list');
  return (value as unknown[]).map((entry, i) => {
    const token = asRecord(entry, `added_tokens[${i}]`);
    if (typeof token.content !== 'string' || token.content === '')
      invalid(`added_tokens[${i}] has no content`);
    return {
      id: token.id as number,
      content: token.content as string,
      special: token.special === true,
      singleWord: token.single_word === true,
    };
  });
}

function flatten(value: unknown, where: string, listField: string, depth = 0): Section[] {
  if (value === undefined || value === null) return [];
  if (depth > MAX_SECTION_DEPTH) invalid(`${where} is nested more than ${MAX_SECTION_DEPTH} deep`);
  const section = asRecord(value, where);
  if (typeof section.type !== 'string') invalid(`${where} has no type`);
  if (section.type !== 'Sequence') return [section as Section];
  const list = section[listField];
  if (!Array.isArray(list)) invalid(`${where}.${listField} is not a list`);
  return (list as unknown[]).flatMap((part, i) =>
    flatten(part, `${where}.${listField}[${i}]`, listField, depth + 1),
  );
}

function invalid(reason: string): never {
  throw new TokenizerError('invalid_tokenizer', `tokenizer.json: ${reason}`);
}
