// How texts are split into words before BPE, by the names that GGUF files have for it (`tokenizer.ggml.pre`). The
// expressions are those of the tokenizers that these names stand for.

const LLAMA3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2 = LLAMA3.replace('\\p{N}{1,3}', '\\p{N}');
const CASED = '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const TEKKEN = `${CASED}*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|${CASED}+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

export interface PreTokenizer {
  /** A tokenizer.json's sections. */
  readonly sections: readonly unknown[];
  readonly normalizer?: unknown;
  /** Words that are tokens are taken whole. */
  readonly ignoreMerges?: true;
  /** The begin token stands before texts, where the file does not say. */
  readonly addsBegin?: true;
}

const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
const words = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });

const gpt2: PreTokenizer = { sections: [{ ...bytes, use_regex: true }] };
const llama3: PreTokenizer = { sections: [words(LLAMA3), bytes], ignoreMerges: true, addsBegin: true };
const qwen2: PreTokenizer = { sections: [words(QWEN2), bytes], normalizer: { type: 'NFC' } };

export const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': gpt2,
  'phi-2': gpt2,
  'llama-bpe': llama3,
  llama3: llama3,
  'llama-v3': llama3,
  qwen2,
  smollm: {
    sections: [
      { type: 'Digits', individual_digits: true },
      { ...bytes, use_regex: true },
    ],
  },
  tekken: { sections: [words(TEKKEN), bytes], ignoreMerges: true, addsBegin: true },
};
