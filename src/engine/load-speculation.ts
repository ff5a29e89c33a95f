// What speculation needs beside its options: a draft model of the same tokenizer, and what forced text is spelt with.
import { ModelError } from '../errors.js';
import type { NativeAddon, NativeSpeculation } from '../native/index.js';
import { forcedText, hasMerges } from './forced-text.js';
import { type ModelFolder, readModelFolder } from './model-folder.js';
import type { ResolvedSpeculation } from './speculation.js';
import type { EngineOptions } from './types.js';

/** Where models come from. */
interface Sources {
  readonly addon: NativeAddon;
  readonly cache: Pick<EngineOptions, 'cache'>;
}

/**
 * Loads what the model in `target` is to be drafted for with. `kvTokens`: the default of the draft model's.
 * @throws ModelError `unsupported_config` for kind 'grammar' where the tokenizer has no merges, `vocabulary_mismatch` for a
 * draft model of another tokenizer, besides what loading it throws
 */
export async function loadSpeculation(
  { native: asked, model }: ResolvedSpeculation,
  target: ModelFolder,
  { kvTokens, ...sources }: Sources & { readonly kvTokens: number },
): Promise<NativeSpeculation> {
  const native = { kvTokens, ...asked };
  const spelling = native.kind === 'grammar' || hasMerges(target) ? { forcedText: forcedText(target) } : {};
  if (model === undefined) return { ...native, ...spelling };
  return { ...native, ...spelling, draftModel: await loadDraftModel(model, target, sources) };
}

async function loadDraftModel(model: string, target: ModelFolder, { addon, cache }: Sources) {
  const draft = readModelFolder(model, { ...cache, addon });
  const why = whatDiffers(draft, target);
  if (why !== undefined)
    throw new ModelError(
      'vocabulary_mismatch',
      `${draft.path} cannot draft for ${target.path}: ${why}; a draft model shares tokenizer and vocabulary size with the model`,
    );
  return addon.loadModel(draft.spec);
}

function whatDiffers(draft: ModelFolder, target: ModelFolder): string | undefined {
  if (draft.spec.vocabSize !== target.spec.vocabSize)
    return `its vocab_size is ${draft.spec.vocabSize}, the model's is ${target.spec.vocabSize}`;
  if (draft.spec.maxPositions < target.spec.maxPositions)
    return `it has ${draft.spec.maxPositions} positions, the model ${target.spec.maxPositions} (option contextLength)`;
  const [ours, theirs] = [draft.tokenizer.image, target.tokenizer.image];
  const same =
    Buffer.compare(ours.tokenBytes, theirs.tokenBytes) === 0 &&
    ours.tokenByteStart.length === theirs.tokenByteStart.length &&
    ours.tokenByteStart.every((start, id) => start === theirs.tokenByteStart[id]);
  return same ? undefined : 'their tokenizers give ids to different tokens';
}
