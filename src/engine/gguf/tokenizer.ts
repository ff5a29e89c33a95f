// The tokenizer of a GGUF file as the files of a Hugging Face folder: `tokenizer.huggingface.json` where it is there, else
// a tokenizer.json made of `tokenizer.ggml.*`: byte-level BPE (`gpt2`), or SentencePiece's BPE (`llama`), whose merges
// follow from the scores of its pieces.
import { ModelError, TokenizerError } from '../../errors.js';
import type { TokenizerFiles } from '../../tokenizer/index.js';
import { isNumber, isText, Metadata } from './metadata.js';
import { PRE_TOKENIZERS } from './pre-tokenizers.js';
import type { GgufFile } from './reader.js';
import { MAX_PIECE_CHARACTERS, mergesOf } from './sentencepiece.js';

/** `tokenizer.ggml.token_type`. */
const TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Tokens that end a turn, besides those that a file names: as llama.cpp takes them. */
const ENDS = ['<|eot_id|>', '<|im_end|>', '<|end|>', '<end_of_turn>', '<|endoftext|>', '<|eom_id|>', '<EOT>'];

interface Tokens {
  readonly names: readonly string[];
  readonly types: readonly number[];
  readonly begin: number | undefined;
  readonly metadata: Metadata;
}

/** The files without tokenizer.json, which is made when it is asked for. */
export interface GgufTokenizer {
  readonly small: Omit<TokenizerFiles, 'tokenizerJson'>;
  readonly tokenizerJson: () => unknown;
}

/** @throws ModelError `tokenizer_missing`, `config_invalid`, TokenizerError `unsupported_tokenizer`, here and later */
export function ggufTokenizer(file: GgufFile): GgufTokenizer {
  const metadata = new Metadata(file);
  const names = metadata.list('tokenizer.ggml.tokens', 'texts', isText);
  if (names === undefined)
    throw new ModelError('tokenizer_missing', `${file.path} has no tokenizer (tokenizer.ggml.tokens)`);
  const types =
    metadata.list('tokenizer.ggml.token_type', 'numbers', isNumber) ?? names.map(() => TYPE.normal);
  if (types.length !== names.length)
    throw metadata.invalid('tokenizer.ggml.token_type', `must have ${names.length} numbers`, types.length);
  const id = (name: string) => tokenId(metadata, `tokenizer.ggml.${name}_token_id`, names.length);
  const begin = id('bos');
  const tokens: Tokens = { names, types, begin, metadata };
  const ends = [id('eos'), id('eot'), id('eom'), ...ENDS.map((end) => names.indexOf(end))].filter(
    (end) => end !== undefined && end >= 0 && (types[end] !== TYPE.normal || end === id('eos')),
  );
  const chatTemplate = metadata.text('tokenizer.chat_template');
  return {
    small: {
      tokenizerConfig: {
        ...(begin === undefined ? {} : { bos_token: names[begin] }),
        ...(id('eos') === undefined ? {} : { eos_token: names[id('eos')!] }),
      },
      generationConfig: { eos_token_id: [...new Set(ends)] },
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
    },
    tokenizerJson: () => tokenizerJson(tokens),
  };
}

function tokenId(metadata: Metadata, key: string, count: number): number | undefined {
  const id = metadata.number(key);
  if (id !== undefined && !(Number.isInteger(id) && id >= 0 && id < count))
    throw metadata.invalid(key, `must be the id of one of ${count} tokens`, id);
  return id;
}

function tokenizerJson(tokens: Tokens): unknown {
  const { metadata } = tokens;
  const whole = metadata.text('tokenizer.huggingface.json');
  if (whole !== undefined) {
    try {
      return JSON.parse(whole);
    } catch (cause) {
      throw metadata.invalid('tokenizer.huggingface.json', `is not JSON: ${(cause as Error).message}`, whole);
    }
  }
  const model = metadata.text('tokenizer.ggml.model');
  if (model === 'gpt2') return byteLevel(tokens);
  if (model === 'llama') return sentencePiece(tokens);
  throw new TokenizerError(
    'unsupported_tokenizer',
    `${metadata.path}: tokenizer.ggml.model '${model}' is not supported; supported: gpt2, llama`,
  );
}

/** Ids of padding tokens stand for nothing. */
function vocabularyOf(
  { names, types, metadata }: Tokens,
  ...kinds: readonly number[]
): Record<string, number> {
  const entries = names.flatMap((name, id) => (kinds.includes(types[id]!) ? [[name, id] as const] : []));
  const vocabulary = Object.fromEntries(entries);
  if (Object.keys(vocabulary).length < entries.length) {
    const seen = new Set<string>();
    const twice = entries.find(([name]) => seen.size === seen.add(name).size)?.[0];
    throw metadata.invalid('tokenizer.ggml.tokens', 'has a token twice', twice);
  }
  return vocabulary;
}

function addedTokens({ names, types }: Tokens): unknown[] {
  return names.flatMap((content, id) => {
    const special = types[id] === TYPE.control || types[id] === TYPE.unknown;
    if (content === '' || (!special && types[id] !== TYPE.userDefined)) return [];
    const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    return [{ id, content, ...plain, special }];
  });
}

/** Puts the begin token before texts. */
function beginning({ names, begin, metadata }: Tokens, byDefault: boolean): unknown {
  const adds = metadata.flag('tokenizer.ggml.add_bos_token') ?? byDefault;
  if (metadata.flag('tokenizer.ggml.add_eos_token'))
    throw metadata.unsupported('tokenizer.ggml.add_eos_token', true, 'texts would end where they begin');
  if (!adds || begin === undefined) return null;
  const token = names[begin]!;
  const first = { SpecialToken: { id: token, type_id: 0 } };
  return {
    type: 'TemplateProcessing',
    single: [first, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [first, { Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { [token]: { id: token, ids: [begin], tokens: [token] } },
  };
}

function byteLevel(tokens: Tokens): unknown {
  const { metadata } = tokens;
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default';
  if (!Object.hasOwn(PRE_TOKENIZERS, name))
    throw new TokenizerError(
      'unsupported_tokenizer',
      `${metadata.path}: tokenizer.ggml.pre '${name}' is not supported; supported: ${Object.keys(PRE_TOKENIZERS).join(', ')}`,
    );
  const { sections, normalizer = null, ignoreMerges = false, addsBegin = false } = PRE_TOKENIZERS[name]!;
  const merges = metadata.list('tokenizer.ggml.merges', 'texts', isText);
  if (merges === undefined) throw metadata.invalid('tokenizer.ggml.merges', 'is needed', undefined);
  return {
    added_tokens: addedTokens(tokens),
    normalizer,
    pre_tokenizer: { type: 'Sequence', pretokenizers: sections },
    post_processor: beginning(tokens, addsBegin),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      ignore_merges: ignoreMerges,
      vocab: vocabularyOf(tokens, TYPE.normal),
      merges,
    },
  };
}

function sentencePiece(tokens: Tokens): unknown {
  const { metadata, names, types } = tokens;
  const scores = metadata.list('tokenizer.ggml.scores', 'numbers', isNumber);
  if (scores?.length !== names.length)
    throw metadata.invalid('tokenizer.ggml.scores', `must have ${names.length} numbers`, scores?.length);
  const tooLong = names.find((name) => name.length > MAX_PIECE_CHARACTERS);
  if (tooLong !== undefined)
    throw metadata.invalid(
      'tokenizer.ggml.tokens',
      `must have at most ${MAX_PIECE_CHARACTERS} characters each (limit MAX_PIECE_CHARACTERS)`,
      tooLong,
    );
  const prefixed = metadata.flag('tokenizer.ggml.add_space_prefix') ?? true;
  const unknown = names[types.indexOf(TYPE.unknown)];
  const mark = { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' };
  const vocab = vocabularyOf(tokens, TYPE.normal, TYPE.byte, TYPE.unknown, TYPE.control, TYPE.userDefined);
  return {
    added_tokens: addedTokens(tokens),
    normalizer: {
      type: 'Sequence',
      normalizers: [...(prefixed ? [{ type: 'Prepend', prepend: '\u2581' }] : []), mark],
    },
    pre_tokenizer: null,
    post_processor: beginning(tokens, true),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefixed ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      ...(unknown === undefined ? {} : { unk_token: unknown }),
      fuse_unk: true,
      byte_fallback: types.includes(TYPE.byte),
      vocab,
      merges: mergesOf(names, scores, (id) => types[id] === TYPE.normal),
    },
  };
}
