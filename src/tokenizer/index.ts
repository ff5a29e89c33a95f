// Door of the tokenizer room: tokenizer files in; ids, text, exact token bytes and the TokenizerImage out.
export type { ChatTemplateOptions } from './chat-template.js';
export type { EncodeOptions } from './encoder.js';
export {
  IMAGE_VERSION,
  openTokenizerImage,
  TOKEN_ABSENT,
  TOKEN_SPECIAL,
  TOKEN_TEXT,
  type TokenFlag,
  type TokenizerImage,
  viewTokenizerImage,
} from './image.js';
export { buildImageFromBytes, buildTokenizerImage, type TokenSource } from './image-build.js';
export { type DecodeOptions, type DecoderVocabulary, IncrementalDecoder } from './incremental.js';
export type { LeadingSpaceRule } from './token-text.js';
export {
  type DeferredTokenizerFiles,
  Tokenizer,
  type TokenizerFacts,
  type TokenizerFiles,
} from './tokenizer.js';
