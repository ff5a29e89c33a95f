// Door of GGUF: one file that holds configuration, tokenizer and weights.
export { ggufModelSpec } from './model.js';
export { type GgufFile, type GgufScalar, type GgufTensor, type GgufValue, readGguf } from './reader.js';
export { type GgufTokenizer, ggufTokenizer } from './tokenizer.js';
export { GGML_TYPES } from './types.js';
