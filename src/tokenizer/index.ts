// Door of the tokenizer room: tokenizer files in; ids, text, exact token bytes and the TokenizerImage out.
export {
  openTokenizerImage,
  TOKEN_ABSENT,
  TOKEN_SPECIAL,
  TOKEN_TEXT,
  type TokenFlag,
  type TokenizerImage,
} from './image.js';
export { buildImageFromBytes, buildTokenizerImage, type TokenSource } from './image-build.js';
