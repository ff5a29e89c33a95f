// How much of a GGUF file's head is read. A file may ask for anything: these bounds are far above any model's, and what
// they do not bound, the file's own size does.

/** Bytes before the tensors' data: metadata and the table of tensors. */
export const MAX_GGUF_HEAD_BYTES = 512 * 1024 * 1024;
export const MAX_GGUF_KEYS = 65_536;
export const MAX_GGUF_TENSORS = 1_048_576;
export const MAX_GGUF_STRING_BYTES = 256 * 1024 * 1024;
/** Of names of keys and tensors. */
export const MAX_GGUF_NAME_BYTES = 1024;
export const MAX_GGUF_ARRAY_LENGTH = 16_777_216;
export const MAX_GGUF_ALIGNMENT = 1_048_576;
