// What the native engine spells forced text with: the vocabulary's bytes and the merges of tokenizer.json, in ids.
import { ModelError } from '../errors.js';
import type { NativeForcedText } from '../native/index.js';
import type { ModelFolder } from './model-folder.js';

type Merge = string | [string, string];

function mergesOf({ tokenizerFiles }: ModelFolder): Merge[] {
  const { model } = tokenizerFiles().tokenizerJson as { model?: { merges?: unknown } };
  return Array.isArray(model?.merges) ? (model.merges as Merge[]) : [];
}

/** Whether forced text can be spelt with a model's tokenizer. */
export function hasMerges(folder: ModelFolder): boolean {
  return mergesOf(folder).length > 0;
}

/**
 * The merges of a model's tokenizer.
 * @throws ModelError `unsupported_config` when it has none
 */
export function forcedText(folder: ModelFolder): NativeForcedText {
  const { path, tokenizer } = folder;
  const merges = mergesOf(folder);
  if (merges.length === 0)
    throw new ModelError(
      'unsupported_config',
      `${path}: forced text (jumpForward 'text', speculation 'grammar') needs a tokenizer with merges (BPE), and tokenizer.json has none`,
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
