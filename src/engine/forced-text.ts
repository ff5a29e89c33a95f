// What the native engine spells forced text with: the vocabulary's bytes and the merges of tokenizer.json, in ids.
import { ModelError } from '../errors.js';
import type { NativeForcedText } from '../native/index.js';
import type { ModelFolder } from './model-folder.js';

/**
 * The merges of a model's tokenizer.
 * @throws ModelError `unsupported_config` when it has none
 */
export function forcedText({ path, tokenizer, tokenizerFiles }: ModelFolder): NativeForcedText {
  const { model } = tokenizerFiles().tokenizerJson as { model?: { merges?: unknown } };
  const merges = Array.isArray(model?.merges) ? (model.merges as (string | [string, string])[]) : [];
  if (merges.length === 0)
    throw new ModelError(
      'unsupported_config',
      `${path}: jumpForward 'text' needs a tokenizer with merges (BPE), and tokenizer.json has none`,
    );
  const triples: number[] = [];
  for (const merge of merges) {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge;
    const ids = [left, right, left + right].map((piece) => tokenizer.tokenId(piece));
    if (ids.every((id) => id !== undefined)) triples.push(...ids);
  }
  const { tokenBytes, tokenByteStart } = tokenizer.image;
  return { bytes: tokenBytes, ends: tokenByteStart.slice(1), merges: Int32Array.from(triples) };
}
